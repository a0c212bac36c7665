"""Roll-up: the Java service's own cases, a naive model, and what holds for every timeline."""

from collections.abc import Sequence

from hypothesis import given

from notification.domain.duration import Duration
from notification.domain.model import Notification, Rule, Rules
from notification.domain.rollup import roll_up
from notification.domain.timeline import timeline
from siblings.ksuid import NO_ID, encode
from tests.domain import values
from tests.domain.values import notification


def numbers(notifications: Sequence[Notification], rules: Rules) -> list[list[int]]:
    """Groups as lists of the notifications' numbers, head first."""
    by_id = {encode(number): number for number in range(100)}
    return [[by_id[one.id] for one in (group.head, *group.nested)] for group in roll_up(notifications, rules)]


def nine(**properties: str) -> list[Notification]:
    return [notification(number, "like", 5 * number, **properties) for number in range(9, 0, -1)]


def test_max_size_two_over_nine_gives_three_heads_with_two_each() -> None:
    assert numbers(nine(), {"like": Rule(max_size=2)}) == [[9, 8, 7], [6, 5, 4], [3, 2, 1]]


def test_size_three_and_twenty_minutes_over_five_minute_steps_gives_three_three_and_one_alone() -> None:
    rules = {"like": Rule(max_size=3, max_duration=Duration(20, "minute"))}
    assert numbers(nine(), rules) == [[9, 8, 7, 6], [5, 4, 3, 2], [1]]


def test_max_duration_alone_takes_all_within_it() -> None:
    rules = {"like": Rule(max_duration=Duration(10, "minute"))}
    assert numbers(nine(), rules) == [[9, 8, 7], [6, 5, 4], [3, 2, 1]]


def test_match_on_groups_by_value_and_leaves_those_without_it_alone() -> None:
    mixed = [
        notification(6, post="a"),
        notification(5, post="b"),
        notification(4),
        notification(3, post="a"),
        notification(2, user="a"),
        notification(1, post="b"),
    ]
    assert numbers(mixed, {"like": Rule(match_on="post")}) == [[6, 3], [5, 1], [4], [2]]


def test_an_empty_value_is_a_value_to_match_on() -> None:
    assert numbers([notification(2, post=""), notification(1, post="")], {"like": Rule(match_on="post")}) == [[2, 1]]


def test_categories_do_not_mix() -> None:
    mixed = [notification(4, "like"), notification(3, "share"), notification(2, "like"), notification(1, "share")]
    assert numbers(mixed, {"like": Rule(max_size=9), "share": Rule(max_size=9)}) == [[4, 2], [3, 1]]


def test_no_rule_or_an_empty_one_leaves_notifications_alone() -> None:
    assert numbers(nine(), {"other": Rule(max_size=2), "like": Rule()}) == [[n] for n in range(9, 0, -1)]


def test_a_notification_younger_than_the_head_is_not_nested_under_it() -> None:
    skewed = [notification(2, minutes=1), notification(1, minutes=2)]
    assert numbers(skewed, {"like": Rule(max_duration=Duration(1, "day"))}) == [[2], [1]]


def naive(notifications: Sequence[Notification], rules: Rules) -> list[list[Notification]]:
    """By scanning: each joins the last group of its kind where it fits."""
    groups: list[list[Notification]] = []
    for one in notifications:
        rule = rules.get(one.category, Rule())
        same = [
            group
            for group in groups
            if group[0].category == one.category
            and (rule.match_on is None or group[0].properties.get(rule.match_on) == one.properties.get(rule.match_on))
        ]
        if_unchanged = rule == Rule() or (rule.match_on is not None and rule.match_on not in one.properties)
        last = same[-1] if same and not if_unchanged else None
        fits = last is not None and (rule.max_size is None or len(last) <= rule.max_size)
        if last is not None and rule.max_duration is not None:
            age = last[0].created_at - one.created_at
            fits = fits and 0 <= age * 1_000_000 <= rule.max_duration.nanoseconds
        if last is not None and fits:
            last.append(one)
        else:
            groups.append([one])
    return groups


@given(notifications=values.notifications(), rules=values.rules)
def test_one_pass_gives_what_scanning_gives(notifications: list[Notification], rules: Rules) -> None:
    assert [[group.head, *group.nested] for group in roll_up(notifications, rules)] == naive(notifications, rules)


@given(notifications=values.notifications(), rules=values.rules)
def test_every_notification_is_in_one_group(notifications: list[Notification], rules: Rules) -> None:
    rolled = [one for group in roll_up(notifications, rules) for one in (group.head, *group.nested)]
    assert sorted(one.id for one in rolled) == sorted(one.id for one in notifications)


@given(notifications=values.notifications(), rules=values.rules)
def test_seen_and_unseen_are_never_in_one_group(notifications: list[Notification], rules: Rules) -> None:
    seen = notifications[len(notifications) // 2].id if notifications else NO_ID
    for item in timeline(notifications, seen, rules):
        assert all((one.id > seen) == item.unseen for one in (item.head, *item.nested))


def test_unseen_is_an_order_and_holds_where_the_one_seen_last_is_gone() -> None:
    items = timeline([notification(9), notification(5)], encode(7), {})
    assert [item.unseen for item in items] == [True, False]
