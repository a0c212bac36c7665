"""Hypothesis strategies for every mergeable type, and for what can be done to each."""

from collections.abc import Callable

from hypothesis import strategies as st

from siblings import WINDOW, Cursor, Feed, RuleMap
from siblings.ksuid import MAX_ID, NO_ID, encode
from siblings.rule_map import Entry

ids = st.integers(1, 40).map(encode) | st.integers(0, 2**160 - 1).map(encode) | st.just(MAX_ID)
floors = st.just(NO_ID) | ids
payloads = st.binary(max_size=3)
slots = st.none() | payloads
categories = st.sampled_from(["like", "comment", "follow", "mention-ü"])

BASE = {encode(1000 * number): b"base" for number in range(1, WINDOW + 1)}
"""Slots that fill a window to the brim; between any two of them there is room for more."""


@st.composite
def _brimming(draw: st.DrawFn) -> Feed:
    """A feed at the edge of its window: most of `BASE`, and a few slots between, below and above."""
    missing = draw(st.sets(st.sampled_from(sorted(BASE)), max_size=5))
    nearby = st.integers(1, 1000 * (WINDOW + 2)).map(encode)
    more = draw(st.dictionaries(nearby, slots, max_size=10))
    return Feed.of(draw(st.just(NO_ID) | nearby), {**{k: v for k, v in BASE.items() if k not in missing}, **more})


feeds = st.builds(Feed.of, floors, st.dictionaries(ids, slots, max_size=8)) | _brimming()
cursors = st.builds(Cursor, st.sampled_from(["", "test-notifications", "ü-notifications"]), floors)


@st.composite
def rule_maps(draw: st.DrawFn) -> RuleMap:
    floor = draw(floors)
    entries = draw(st.dictionaries(categories, st.builds(Entry, ids, slots)))
    return RuleMap(floor, {category: entry for category, entry in entries.items() if entry.stamp > floor})


feed_operations: st.SearchStrategy[Callable[[Feed], Feed]] = st.one_of(
    st.builds(lambda id_, payload: lambda feed: feed.add(id_, payload), ids, payloads),
    st.builds(lambda gone: lambda feed: feed.remove(gone), st.lists(ids, max_size=5)),
    st.just(lambda feed: feed.clear()),
    st.builds(lambda upto: lambda feed: feed.clear(upto), ids),
)
rule_map_operations: st.SearchStrategy[Callable[[RuleMap], RuleMap]] = st.one_of(
    st.builds(lambda category, stamp, rule: lambda book: book.put(category, stamp, rule), categories, ids, slots),
    st.builds(lambda upto: lambda book: book.clear(upto), ids),
)

_texts = st.sampled_from(["", "short", "é" * 27, "\ud800", "z" * 27]) | ids
_junk = payloads | st.sampled_from([None, "text", 5])
raw_feeds: st.SearchStrategy[Feed] = st.builds(Feed, _texts, st.dictionaries(_texts, _junk, max_size=4))
"""Whatever the constructors take, which trust their caller."""
raw_cursors: st.SearchStrategy[Cursor] = st.builds(Cursor, _texts | st.none(), _texts | st.none())
raw_rule_maps: st.SearchStrategy[RuleMap] = st.builds(
    RuleMap, _texts, st.dictionaries(_texts, st.builds(Entry, _texts, _junk), max_size=4)
)
