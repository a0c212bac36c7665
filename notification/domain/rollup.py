"""Roll-up: groups notifications of one kind under the newest of them, as the rules say.

A kind is a category and, if the rule has `match_on`, the value of that property. The roll-up makes one pass from the
newest notification to the oldest. Each kind has at most one open group. A notification joins that group if the rule
allows it. Otherwise the notification becomes the head of a new group, which replaces the open group. A group is
therefore an unbroken run among the notifications of its kind; paging relies on this.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from notification.domain.duration import NANOSECONDS
from notification.domain.model import Notification, Rule, Rules

_MILLISECOND = NANOSECONDS["millisecond"]


class Kind(NamedTuple):
    """What the notifications of a group share. `value` is `None` if the rule has no `match_on`."""

    category: str
    value: str | None


@dataclass(slots=True)
class Group:
    """A head and the notifications nested under it, newest first."""

    head: Notification
    nested: list[Notification] = field(default_factory=list)


def kind_of(notification: Notification, rules: Rules) -> Kind | None:
    """Return the kind of a notification, or `None` if no rule groups it."""
    rule = rules.get(notification.category)
    if rule is None or rule.is_empty:
        return None
    if rule.match_on is None:
        return Kind(notification.category, None)
    value = notification.properties.get(rule.match_on)
    return None if value is None else Kind(notification.category, value)


def roll_up(notifications: Iterable[Notification], rules: Rules) -> Sequence[Group]:
    """Group `notifications`, which are sorted newest first. Returns the groups in the order of their heads."""
    groups: list[Group] = []
    open_groups: dict[Kind, Group] = {}
    for notification in notifications:
        kind = kind_of(notification, rules)
        group = open_groups.get(kind) if kind else None
        if group is not None and _has_room(group, notification, rules[notification.category]):
            group.nested.append(notification)
            continue
        groups.append(Group(notification))
        if kind is not None:
            open_groups[kind] = groups[-1]
    return groups


def _has_room(group: Group, notification: Notification, rule: Rule) -> bool:
    if rule.max_size is not None and len(group.nested) >= rule.max_size:
        return False
    if rule.max_duration is None:
        return True
    distance = (group.head.created_at - notification.created_at) * _MILLISECOND
    return 0 <= distance <= rule.max_duration.nanoseconds
