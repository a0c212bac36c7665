"""Pages: together they are the timeline of the first one, whatever happens in between."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from notification.domain.model import Notification, Rule, Rules
from notification.domain.pages import MAX_PARTIAL_GROUPS, Page, cut
from notification.domain.ranges import Range
from notification.domain.timeline import Item, timeline
from notification.http.range_header import format_range, parse_range
from siblings.ksuid import NO_ID, encode
from tests.domain import values
from tests.domain.values import notification


def shown(page: Page) -> list[str]:
    return [one.id for item in page.items for one in (item.head, *item.nested)]


def through_the_header(wanted: Range) -> Range:
    parsed = parse_range(format_range(wanted))
    assert parsed is not None
    return parsed


@given(notifications=values.notifications(), rules=values.rules, limit=st.integers(1, 9), seen=st.integers(0, 400))
def test_pages_of_a_quiet_feed_are_its_timeline(
    notifications: list[Notification], rules: Rules, limit: int, seen: int
) -> None:
    wanted: Range | None = Range(max=limit)
    items: list[Item] = []
    while wanted:
        page = cut(notifications, encode(seen), rules, wanted)
        items += page.items
        assert len(page.items) == limit or page.next is None
        wanted = page.next and through_the_header(page.next)
    assert items == timeline(notifications, encode(seen), rules)


@given(
    notifications=values.notifications(), rules=values.rules, limit=st.integers(1, 5), seen=st.integers(0, 400),
    data=st.data(),
)  # fmt: skip
def test_a_walk_shows_each_notification_of_the_first_view_once_while_others_write_and_remove(
    notifications: list[Notification], rules: Rules, limit: int, seen: int, data: st.DataObject
) -> None:
    view = {one.id for one in notifications}
    removed: set[str] = set()
    seen_by_walker: Counter[str] = Counter()
    wanted: Range | None = Range(max=limit)
    newest = 1000
    while wanted:
        page = cut(notifications, encode(seen), rules, wanted)
        seen_by_walker.update(shown(page))
        wanted = page.next and through_the_header(page.next)
        gone = data.draw(st.sets(st.sampled_from(sorted(view)), max_size=4)) if view else set()
        removed |= gone - seen_by_walker.keys()
        newest, seen = newest + 10, newest
        arrived = notification(newest, data.draw(st.sampled_from(["like", "comment"])), minutes=newest, post="1")
        notifications = [arrived] + [one for one in notifications if one.id not in gone]
    assert set(seen_by_walker) == view - removed
    assert set(seen_by_walker.values()) <= {1}


def test_a_removed_head_neither_brings_back_nor_hides_what_was_nested_with_it() -> None:
    rules = {"like": Rule(max_size=2)}
    nine = [notification(number) for number in range(9, 0, -1)]
    first = cut(nine, NO_ID, rules, Range(max=1))
    assert shown(first) == [encode(9), encode(8), encode(7)]
    assert first.next is not None
    second = cut(nine[1:], NO_ID, rules, through_the_header(first.next))
    assert shown(second) == [encode(6), encode(5), encode(4)]


def test_a_group_that_reaches_below_the_cut_is_shown_whole_on_its_page_only() -> None:
    rules = {"like": Rule(match_on="post")}
    mixed = [notification(5, post="a"), notification(4, "share"), notification(3, post="a"), notification(2, "share")]
    first = cut(mixed, NO_ID, rules, Range(max=1))
    assert shown(first) == [encode(5), encode(3)]
    assert first.next is not None
    assert shown(cut(mixed[1:], NO_ID, rules, through_the_header(first.next))) == [encode(4)]


def test_a_page_with_the_newest_notification_says_so() -> None:
    two = [notification(2), notification(1)]
    first = cut(two, NO_ID, {}, Range(max=1))
    assert first.has_newest
    assert first.next is not None
    assert not cut(two, NO_ID, {}, first.next).has_newest


def test_a_frozen_page_leaves_out_what_came_after_the_first_one() -> None:
    two = [notification(2), notification(1)]
    first = cut(two, NO_ID, {}, Range(max=1))
    assert first.next is not None
    assert shown(cut([notification(3), *two], encode(3), {}, first.next)) == [encode(1)]


def test_a_frozen_page_keeps_the_boundary_between_unseen_and_seen() -> None:
    two = [notification(2), notification(1)]
    first = cut(two, NO_ID, {}, Range(max=1))
    assert first.next is not None
    assert [item.unseen for item in cut(two, encode(2), {}, first.next).items] == [True]


def test_a_range_given_by_hand_names_heads() -> None:
    nine = [notification(number) for number in range(9, 0, -1)]
    page = cut(nine, NO_ID, {"like": Rule(max_size=2)}, Range(encode(8), stop=encode(2)))
    assert [item.head.id for item in page.items] == [encode(6), encode(3)]


def test_a_range_with_an_end_has_no_page_after_it() -> None:
    nine = [notification(number) for number in range(9, 0, -1)]
    page = cut(nine, NO_ID, {}, Range(stop=encode(7), max=2))
    assert page.next is not None
    assert cut(nine, NO_ID, {}, page.next).next is None


def test_nothing_gives_an_empty_page() -> None:
    assert cut([], NO_ID, {}, Range()) == Page([], None, None)


def test_a_walk_over_too_many_open_groups_to_name_still_shows_all_of_a_quiet_feed() -> None:
    rules = {"like": Rule(match_on="post")}
    heads = [notification(2000 - number, post=str(number)) for number in range(MAX_PARTIAL_GROUPS + 150)]
    tails = [notification(1000 - number, post=str(number)) for number in range(MAX_PARTIAL_GROUPS + 150)]
    wanted: Range | None = Range(max=MAX_PARTIAL_GROUPS + 10)
    walked: list[str] = []
    while wanted:
        page = cut(heads + tails, NO_ID, rules, wanted)
        walked += shown(page)
        wanted = page.next and through_the_header(page.next)
        assert wanted is None or len(str(wanted)) < 8000
    assert sorted(walked) == sorted(one.id for one in heads + tails)
