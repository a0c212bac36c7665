"""The laws of merging hold with the Java service's values among the siblings."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.domain.model import Notification
from notification.domain.payload import encode_notification
from notification.storage.java.legacy_pb2 import Notification as Entry
from notification.storage.java.legacy_pb2 import NotificationList
from notification.storage.java.values import read_cursor, read_list
from siblings import CURSOR, FEED, Feed
from siblings.ksuid import encode
from tests.java.recorded import feeds

THEIRS = [FEED.decode(read_list(content.value)) for feed in feeds().values() for content in feed.feed.content]
CURSORS = [content.value for feed in feeds().values() for content in feed.cursor.content if not content.deleted]
IDS = sorted({id_ for feed in THEIRS for id_ in feed.slots})


@st.composite
def ours(draw: st.DrawFn) -> Feed:
    """A feed that this service could have written: additions, removals of their ids, a clearing."""
    new = [encode(draw(st.integers(0, 2**160 - 1))) for _ in range(draw(st.integers(0, 3)))]
    feed = Feed()
    for id_ in new:
        feed = feed.add(id_, encode_notification(Notification(id_, "like", "ours", 0, {})))
    feed = feed.remove(draw(st.lists(st.sampled_from(IDS), max_size=4)))
    return feed.clear(draw(st.sampled_from(IDS))) if draw(st.booleans()) else feed


@given(st.lists(st.sampled_from(THEIRS) | ours(), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_any_order_and_grouping_gives_the_same_feed(siblings: list[Feed], random: Random) -> None:
    expected = FEED.join(siblings)
    assert all(FEED.join(order) == expected for order in permutations(siblings))
    pile = [*siblings, *siblings]
    while len(pile) > 1:
        left, right = (pile.pop(random.randrange(len(pile))) for _ in range(2))
        pile.append(FEED.merge(left, right))
    assert pile[0] == expected
    assert FEED.decode(FEED.encode(expected)) == expected


@pytest.mark.parametrize("value", CURSORS)
def test_a_recorded_cursor_stands_at_one_of_the_notifications(value: bytes) -> None:
    assert CURSOR.decode(read_cursor(value)).value in IDS


@pytest.mark.parametrize("value", [b"", b"{}", b"[1]", b'{"key":"k","value":""}', b"\xff"])
def test_what_is_no_cursor_or_has_no_id_stays_as_it_is(value: bytes) -> None:
    assert read_cursor(value) == value


@pytest.mark.parametrize("removed", ["", "hello", "z" * 27, "\u00e9" * 27, "17"])
def test_a_removed_id_of_neither_kind_does_not_make_the_feed_unreadable(removed: str) -> None:
    kept = Entry(id=IDS[0], category="like", message="kept", created_at=1)
    stored = NotificationList(notification=[kept], deleted_id=[removed, IDS[1]])
    feed = FEED.decode(read_list(stored.SerializeToString()))
    assert {id_: payload is None for id_, payload in feed.slots.items()} == {IDS[0]: False, IDS[1]: True}
