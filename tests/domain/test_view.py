"""What is kept of a user's view, and that it is what would be made anew."""

from dataclasses import replace
from sys import getsizeof

from hypothesis import given
from hypothesis import strategies as st
from msgpack import packb

from notification.domain.feed_view import MAX_PAGES, FeedView
from notification.domain.footprint import of_notification, of_text
from notification.domain.model import Notification, Rule, Rules
from notification.domain.pages import cut
from notification.domain.payload import encode_notification
from notification.domain.ranges import Range, ViewToken
from notification.domain.timeline import count, timeline
from siblings import Feed
from siblings.ksuid import NO_ID, encode
from tests.domain import values
from tests.domain.values import notification


def feed_of(notifications: list[Notification]) -> Feed:
    return Feed.of(NO_ID, {one.id: encode_notification(one) for one in notifications})


@given(notifications=values.notifications(), rules=values.rules, seen=st.integers(0, 400), limit=st.integers(1, 9))
def test_pages_and_counts_are_those_of_the_feed_however_often_they_are_asked_for(
    notifications: list[Notification], rules: Rules, seen: int, limit: int
) -> None:
    view = FeedView.of(feed_of(notifications), encode(seen), rules)
    for _ in range(2):
        assert view.page(Range(max=limit)) == cut(notifications, encode(seen), rules, Range(max=limit))
        assert view.counts() == count(timeline(notifications, encode(seen), rules))


@given(before=values.notifications(), after=values.notifications())
def test_what_was_decoded_before_is_not_decoded_again_and_no_other(
    before: list[Notification], after: list[Notification]
) -> None:
    earlier = FeedView.of(feed_of(before), NO_ID, {})
    later = FeedView.of(feed_of(after), NO_ID, {}, earlier)
    assert list(later.stored) == [one.id for one in after]
    assert all(later.stored[id_] is earlier.stored[id_] for id_ in earlier.stored.keys() & later.stored.keys())


def test_a_page_is_made_once() -> None:
    view = FeedView.of(feed_of([notification(2), notification(1)]), NO_ID, {})
    assert view.page(Range(max=1)) is view.page(Range(max=1))


def test_frozen_pages_and_too_many_are_not_kept() -> None:
    view = FeedView.of(feed_of([notification(2), notification(1)]), NO_ID, {})
    for number in range(1, MAX_PAGES + 5):
        view.page(Range(max=number))
    view.page(Range(frozen=ViewToken(encode(2))))
    assert len(view._pages) == MAX_PAGES


def test_a_view_is_of_the_very_objects_it_was_made_of() -> None:
    feed = feed_of([notification(1)])
    rules: Rules = {}
    view = FeedView.of(feed, NO_ID, rules)
    assert view.is_of(feed, NO_ID, rules)
    assert not view.is_of(feed, encode(1), rules)
    assert not view.is_of(Feed(), NO_ID, rules)


def test_entries_made_under_one_key_count_once() -> None:
    twins = [Notification(encode(number), "like", "m", 0, {}, (b"k" * 16, b"b" * 16)) for number in (3, 2)]
    view = FeedView.of(feed_of([*twins, notification(1)]), NO_ID, {})
    assert [one.id for one in view.notifications] == [encode(2), encode(1)]
    assert view.repeats() == {encode(3)}
    assert FeedView.of(feed_of([notification(1)]), NO_ID, {}).repeats() == set()


@given(before=values.notifications(), after=values.notifications())
def test_a_view_weighs_what_it_holds_whatever_it_was_made_from(
    before: list[Notification], after: list[Notification]
) -> None:
    view = FeedView.of(feed_of(after), NO_ID, {}, FeedView.of(feed_of(before), NO_ID, {}))
    assert view.decoded == sum(map(of_notification, view.stored.values()))


def test_a_kept_page_adds_to_the_weight_once_and_others_do_not() -> None:
    view = FeedView.of(feed_of([notification(2), notification(1)]), NO_ID, {})
    empty = view.size
    page = view.page(Range(max=1))
    assert view.size == empty + page.size
    frozen = view.page(Range(frozen=ViewToken(encode(2))))
    view.page(Range(max=1))
    assert view.size == empty + page.size
    assert view.keeps(page)
    assert not view.keeps(frozen)


def test_rules_for_categories_that_a_view_does_not_hold_make_no_difference() -> None:
    feed = feed_of([notification(1)])
    view = FeedView.of(feed, NO_ID, {})
    assert view.is_of(feed, NO_ID, {"another": Rule(1)})
    assert not view.is_of(feed, NO_ID, {notification(1).category: Rule(1)})


@given(text=st.text(max_size=50))
def test_a_text_weighs_at_least_what_it_takes_whether_it_was_rendered_or_not(text: str) -> None:
    before = of_text(text)
    packb(text)  # keeps its UTF-8 beside it
    assert of_text(text) == before >= getsizeof(text)


def test_rivals_are_those_that_share_an_idempotency_key() -> None:
    key, other, body = b"k" * 16, b"o" * 16, b"b" * 16
    made = [replace(notification(n), idempotency=(key if n < 3 else other, body)) for n in (3, 2, 1)]
    view = FeedView.of(feed_of([*made, notification(4)]), NO_ID, {})
    assert sorted(view.rivals()) == [encode(1), encode(2)]
