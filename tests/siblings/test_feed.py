"""Every row of the truth table in docs/explanation/architecture.md, and the laws of all feeds."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siblings import WINDOW, Feed
from siblings import feed as feeds
from siblings.ksuid import NO_ID, encode
from tests.siblings import values

ARCHITECTURE = Path(__file__).parents[2] / "docs/explanation/architecture.md"
ROW = re.compile(r"^\| `(?P<state>[^`]*)` \| `(?P<operation>[^`]*)` \| `(?P<result>[^`]*)` \|", re.MULTILINE)


def parse(text: str) -> Feed:
    """`floor 2: 3=a 4=removed`, where a number stands for an id."""
    floor, _, slots = text.removeprefix("floor ").partition(":")
    pairs = (slot.split("=") for slot in slots.split())
    return Feed.of(
        NO_ID if floor == "none" else encode(int(floor)),
        {encode(int(number)): None if payload == "removed" else payload.encode() for number, payload in pairs},
    )


def apply(feed: Feed, operation: str) -> Feed:
    verb, _, rest = operation.partition(" ")
    if verb == "merge":
        return feeds.merge(feed, parse(rest))
    if verb == "clear":
        return feed.clear()
    if verb == "add":
        number, payload = rest.split("=")
        return feed.add(encode(int(number)), payload.encode())
    return feed.remove([encode(int(number)) for number in rest.split()])


@pytest.mark.parametrize(("state", "operation", "result"), ROW.findall(ARCHITECTURE.read_text(encoding="utf-8")))
def test_the_truth_table_of_the_documentation(state: str, operation: str, result: str) -> None:
    assert apply(parse(state), operation) == parse(result)


def test_the_truth_table_is_there() -> None:
    assert len(ROW.findall(ARCHITECTURE.read_text(encoding="utf-8"))) >= 12


@given(feed=values.feeds, gone=st.lists(values.ids, min_size=1), later=st.lists(values.feeds, max_size=3))
def test_what_was_removed_never_returns(feed: Feed, gone: list[str], later: list[Feed]) -> None:
    merged = feed.remove(gone)
    for sibling in [feed, *later]:
        merged = feeds.merge(sibling, merged)
    assert not {id_ for id_, _ in merged.live()} & set(gone)


@given(feed=values.feeds, id_=values.ids, payload=values.payloads)
def test_an_add_above_the_floor_is_kept_unless_removed_or_older_than_a_full_window(
    feed: Feed, id_: str, payload: bytes
) -> None:
    added = feed.add(id_, payload)
    if id_ <= feed.floor:
        assert added == feed
    elif id_ > added.floor:
        assert added.slots[id_] == feeds.merge(feed, Feed(NO_ID, {id_: payload})).slots[id_]
        assert (
            added.slots[id_] is None if id_ in feed.slots and feed.slots[id_] is None else added.slots[id_] is not None
        )
    else:
        assert len(added.slots) == WINDOW
        assert id_ < min(added.slots)


@given(feed=values.feeds, id_=values.ids, payload=values.payloads)
def test_an_add_is_the_merge_with_a_feed_of_that_slot_alone(feed: Feed, id_: str, payload: bytes) -> None:
    assert feed.add(id_, payload) == feeds.merge(feed, Feed(NO_ID, {id_: payload}))


@given(siblings=st.lists(values.feeds, min_size=1, max_size=4))
def test_a_window_never_holds_more_than_a_thousand_slots_in_order_and_above_its_floor(siblings: list[Feed]) -> None:
    merged = siblings[0]
    for sibling in siblings:
        merged = feeds.merge(merged, sibling)
    assert len(merged.slots) <= WINDOW
    assert list(merged.slots) == sorted(merged.slots)
    assert all(id_ > merged.floor for id_ in merged.slots)


@given(feed=values.feeds)
def test_live_gives_what_was_not_removed_newest_first(feed: Feed) -> None:
    live = list(feed.live())
    assert live == sorted(((k, v) for k, v in feed.slots.items() if v is not None), reverse=True)


@given(feed=values.feeds)
def test_clear_keeps_nothing_and_the_next_id_has_to_be_above_all_there_was(feed: Feed) -> None:
    cleared = feed.clear()
    assert not cleared.slots
    assert cleared.newest == cleared.floor == feed.newest


def test_a_feed_longer_than_its_window_forgets_the_oldest_slot() -> None:
    feed = Feed.of(NO_ID, values.BASE).add(encode(10**9), b"newest")
    assert (len(feed.slots), feed.floor) == (WINDOW, min(values.BASE))


def test_changes_that_change_nothing_give_the_same_object() -> None:
    feed = Feed.of(encode(5), {encode(9): b"x", encode(7): None})
    assert feed.remove([encode(7), encode(3)]) is feed.add(encode(9), b"x") is feed.add(encode(4), b"y") is feed


@pytest.mark.parametrize(("floor", "slots"), [("nonsense", {}), (NO_ID, {"nonsense": b""})])
def test_what_is_not_an_id_makes_no_feed(floor: str, slots: dict[str, bytes | None]) -> None:
    with pytest.raises(ValueError, match="not a KSUID"):
        Feed.of(floor, slots)


@given(one=values.feeds, other=values.feeds)
def test_a_tally_counts_the_payloads_that_are_there(one: Feed, other: Feed) -> None:
    for first, second in ((one, other), (other, one)):
        assert first.tally == feeds.Tally(len(list(first.live())), sum(len(payload) for _, payload in first.live()))
        merged = feeds.merge(first, second)
        assert merged.tally == Feed(merged.floor, merged.slots).tally


def test_a_full_feed_counts_without_what_it_has_dropped() -> None:
    full = Feed.of(NO_ID, {encode(number): b"x" * (number % 7) for number in range(WINDOW)})
    assert full.tally.payloads == WINDOW
    grown = feeds.merge(full, Feed.of(NO_ID, {encode(WINDOW + number): b"new" for number in range(5)}))
    assert grown.tally == Feed(grown.floor, grown.slots).tally


@given(feed=values.feeds, id_=values.ids)
def test_slots_after_an_id_are_the_newer_ones(feed: Feed, id_: str) -> None:
    assert list(feed.after(id_)) == [slot for newer, slot in reversed(feed.slots.items()) if newer > id_]


def test_notes_pass_to_a_feed_that_only_gains_newer_slots_and_are_no_part_of_it() -> None:
    feed = parse("floor none: 3=a")
    feed.annotate("notes")
    assert feed == parse("floor none: 3=a")
    assert feed.add(encode(5), b"b").notes == "notes"
    assert feed.add(encode(2), b"b").notes is None
    assert feed.clear().notes is None
