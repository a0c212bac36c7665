"""What listeners are told: exactly the differences between what was and what is."""

from collections.abc import Iterable
from dataclasses import replace
from sys import getsizeof

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.domain import footprint
from notification.domain.events import Arrived, Cleared, Counted, Event, Removed, Reset, Seen, WatchedFeed
from notification.domain.feed_view import FeedView
from notification.domain.model import Notification, Rule, Rules
from notification.domain.payload import encode_notification
from notification.domain.timeline import Counts, count, timeline
from siblings import FEED, DecodeError, Feed
from siblings.ksuid import NO_ID, encode
from tests.domain import values
from tests.domain.values import notification


def feed_of(notifications: Iterable[Notification]) -> Feed:
    return Feed.of(NO_ID, {one.id: encode_notification(one) for one in notifications})


def told(events: Iterable[Event]) -> list[str]:
    """Names of events, and the last digit of each id they tell."""
    names = []
    for event in events:
        match event:
            case Arrived(one, _):
                names.append(f"+{one.id[-1]}")
            case Removed(ids):
                names.append("-" + "".join(id_[-1] for id_ in ids))
            case other:
                names.append(type(other).__name__)
    return names


def test_what_arrived_is_told_oldest_first_and_then_the_counts() -> None:
    assert told(WatchedFeed().apply_feed(feed_of([notification(2), notification(1)]))) == ["+1", "+2", "Counted"]


def test_what_was_removed_is_told() -> None:
    watched = WatchedFeed(feed_of([notification(2), notification(1)]))
    assert told(watched.apply_feed(watched.feed.remove([encode(1)]))) == ["-1", "Counted"]


def test_a_feed_removed_as_a_whole_is_cleared() -> None:
    watched = WatchedFeed(feed_of([notification(2), notification(1)]))
    assert told(watched.apply_feed(watched.feed.clear())) == ["Cleared", "Counted"]


def test_a_repeat_is_hidden_although_an_earlier_repeat_leaves_at_the_same_time() -> None:
    def keyed(number: int, key: bytes) -> Notification:
        return replace(notification(number), idempotency=(key, bytes(16)))

    watched = WatchedFeed()
    watched.apply_feed(feed_of([keyed(1, b"k" * 16), keyed(2, b"k" * 16)]))
    later = watched.feed.remove([encode(1), encode(2)])
    for number in (3, 4):
        later = later.add(encode(number), encode_notification(keyed(number, b"l" * 16)))
    assert told(watched.apply_feed(later)) == ["-1", "+3", "Counted"]


def test_an_older_version_tells_nothing() -> None:
    older = feed_of([notification(1)])
    watched = WatchedFeed(older.add(encode(2), encode_notification(notification(2))))
    assert watched.apply_feed(older) == []
    assert watched.apply_feed(watched.feed) == []


def test_of_entries_made_under_one_key_only_the_one_that_counts_is_told() -> None:
    later, earlier = [Notification(encode(number), "like", "m", 0, {}, (b"k" * 16, b"b" * 16)) for number in (3, 2)]
    watched = WatchedFeed()
    assert told(watched.apply_feed(feed_of([later]))) == ["+3", "Counted"]
    assert told(watched.apply_feed(feed_of([later, earlier]))) == ["-3", "+2", "Counted"]
    assert watched.counts == Counts(1, 1, 1, 1)


def test_once_the_entry_that_counts_is_removed_the_one_that_repeated_it_is_told() -> None:
    first, second = [Notification(encode(number), "like", "m", 0, {}, (b"k" * 16, b"b" * 16)) for number in (2, 3)]
    watched = WatchedFeed()
    assert told(watched.apply_feed(feed_of([first, second]))) == ["+2", "Counted"]
    assert told(watched.apply_feed(watched.feed.remove([first.id]))) == ["-2", "+3", "Counted"]


@given(steps=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3), st.booleans()), max_size=30))
def test_what_is_shown_change_by_change_is_what_is_shown_at_once(steps: list[tuple[int, int, bool]]) -> None:
    watched, feed, shown = WatchedFeed(), Feed(), set[str]()
    for number, key, removed in steps:
        hashes = (bytes([key]) * 16, b"b" * 16) if key else None
        new = encode_notification(Notification(encode(number), "like", "m", 0, {}, hashes))
        known = feed.slots.get(encode(number), new)
        feed = feed.remove([encode(number)]) if removed else feed.add(encode(number), known or new)
        for event in watched.apply_feed(feed):
            shown |= {event.notification.id} if isinstance(event, Arrived) else set()
            shown -= set(event.ids) if isinstance(event, Removed) else set()
    view = FeedView.of(feed, NO_ID, {})
    assert shown == {one.id for one in view.notifications}
    assert watched.counts.total == len(shown)


def test_what_was_seen_is_told_once() -> None:
    watched = WatchedFeed(feed_of([notification(1)]))
    assert told(watched.apply_seen(encode(1))) == ["Seen", "Counted"]
    assert watched.apply_seen(encode(1)) == []


def test_rules_are_told_where_they_change_the_counts() -> None:
    watched = WatchedFeed()
    watched.apply_feed(feed_of([notification(2), notification(1)]))
    rules: Rules = {"other": Rule(max_size=1)}
    assert watched.apply_rules(rules) == []
    assert watched.apply_rules(rules) == []
    assert watched.apply_rules({"like": Rule(max_size=1)}) == [Counted(Counts(2, 2, 1, 1))]


def test_who_comes_back_is_told_what_he_missed() -> None:
    watched = WatchedFeed()
    watched.apply_feed(feed_of([notification(3), notification(2), notification(1)]).remove([encode(2)]))
    watched.apply_seen(encode(1))
    assert told(watched.since(encode(1), encode(1))) == ["-2", "+3", "Seen", "Counted"]


def test_what_may_have_been_received_is_marked_and_the_last_one_is_left_out() -> None:
    watched = WatchedFeed()
    watched.apply_feed(feed_of(map(notification, (4, 3, 2, 1))).remove([encode(1)]))
    watched.apply_seen(encode(4))
    marked = [event for event in watched.since(encode(1), encode(3)) if getattr(event, "replayed", False)]
    assert told(marked) == ["-1", "+2", "Seen"]
    assert told(watched.since(encode(1), encode(3))) == ["-1", "+2", "+4", "Seen", "Counted"]


def test_a_replay_decodes_nothing_before_it_is_taken_and_shows_the_feed_as_it_was() -> None:
    watched = WatchedFeed(Feed(NO_ID, {encode(1): b"corrupt"}))
    replay = watched.since(encode(0), encode(0))
    with pytest.raises(DecodeError):
        next(replay)
    watched = WatchedFeed(feed_of([notification(1)]))
    replay = watched.since(encode(0), encode(0))
    watched.apply_feed(watched.feed.clear())
    assert told(replay) == ["+1", "Counted"]


def test_a_corrupt_payload_changes_nothing_of_what_is_known() -> None:
    watched = WatchedFeed(feed_of([notification(1)]))
    before = watched.feed
    with pytest.raises(DecodeError):
        watched.apply_feed(before.add(encode(2), b"corrupt"))
    assert watched.feed is before


def test_who_was_away_for_longer_than_the_feed_remembers_is_told_to_reset() -> None:
    watched = WatchedFeed()
    watched.apply_feed(Feed(encode(5)))
    assert list(watched.since(encode(1), encode(4))) == [Reset(), Counted(watched.counts)]


def test_who_missed_nothing_is_told_the_counts() -> None:
    assert told(WatchedFeed().since(encode(1), encode(1))) == ["Counted"]


@given(notifications=values.notifications(), rules=values.rules, seen=st.integers(0, 400))
def test_the_counts_are_those_of_the_timeline(notifications: list[Notification], rules: Rules, seen: int) -> None:
    watched = WatchedFeed()
    watched.apply_rules(rules)
    watched.apply_seen(encode(seen))
    watched.apply_feed(feed_of(notifications))
    watched.recount()
    assert watched.counts == count(timeline(notifications, encode(seen), rules))


@given(steps=st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.booleans()), max_size=30))
def test_a_feed_at_rest_tells_the_same(steps: list[tuple[int, bool, bool]]) -> None:
    resting, awake = WatchedFeed(), WatchedFeed()
    for number, removed, seen in steps:
        resting.rest()
        assert resting.newest == awake.newest == awake.feed.newest
        if seen:
            assert resting.apply_seen(encode(number)) == awake.apply_seen(encode(number))
        changed = (
            awake.feed.remove([encode(number)]) if removed else FEED.merge(awake.feed, feed_of([notification(number)]))
        )
        assert resting.apply_feed(changed) == awake.apply_feed(changed)
        resting.rest()
        assert list(resting.since(NO_ID, NO_ID)) == list(awake.since(NO_ID, NO_ID))
    assert resting.feed == awake.feed


def test_a_feed_at_rest_takes_a_tenth_of_the_memory() -> None:
    watched = WatchedFeed(feed_of(map(notification, range(1, 101))))
    watched.rest()
    assert watched._feed is None
    assert getsizeof(watched._encoded) * 10 < footprint.of_feed(watched.feed)


def test_a_feed_that_can_not_be_encoded_does_not_come_to_rest() -> None:
    watched = WatchedFeed(Feed(NO_ID, {f"no id {number}": b"" for number in range(9)}))
    watched.rest()
    assert watched._feed is not None


@given(before=values.notifications(), after=values.notifications(), gone=st.lists(st.integers(1, 400), max_size=5))
def test_a_listener_who_believes_what_he_is_told_knows_the_feed(
    before: list[Notification], after: list[Notification], gone: list[int]
) -> None:
    watched, known = WatchedFeed(), set()
    for feed in (feed_of(before), feed_of(after).remove(map(encode, gone)), Feed(encode(50))):
        for event in watched.apply_feed(feed):
            match event:
                case Arrived(one, _):
                    known.add(one.id)
                case Removed(ids):
                    known -= set(ids)
                case Cleared():
                    known.clear()
                case Seen() | Counted() | Reset():
                    pass
    assert known == {id_ for id_, _ in watched.feed.live()}


def test_a_watched_feed_knows_its_newest_id() -> None:
    watched = WatchedFeed()
    assert watched.newest == NO_ID
    watched.apply_feed(Feed(NO_ID, {encode(5): None}))
    assert watched.newest == encode(5)
