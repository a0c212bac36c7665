"""A user's timeline: unseen and seen notifications, each rolled up separately.

The split comes before the roll-up. Otherwise a seen notification would be pulled forward into an unseen group.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain
from typing import Final, NamedTuple

from notification.domain.model import Notification, Rules
from notification.domain.rollup import Group, roll_up


class Item(NamedTuple):
    """One item of a timeline. `unseen` applies to the head and to all nested notifications."""

    head: Notification
    nested: Sequence[Notification]
    unseen: bool


class Counts(NamedTuple):
    """Counts of notifications (`unseen`, `total`) and of items, groups included (`groups`, `unseen_groups`)."""

    unseen: int
    total: int
    groups: int
    unseen_groups: int


NOTHING: Final = Counts(0, 0, 0, 0)


def timeline(notifications: Sequence[Notification], seen: str, rules: Rules) -> list[Item]:
    """Build the items of `notifications`, which are sorted newest first.

    A notification is unseen if its id is newer than `seen`. Ids are compared and not looked up, so this still works
    after the notification that was seen last has been removed.
    """
    boundary = count_unseen(notifications, seen)
    unseen = roll_up(notifications[:boundary], rules)
    rest = roll_up(notifications[boundary:], rules)
    return list(chain(_items(unseen, unseen=True), _items(rest, unseen=False)))


def count_unseen(notifications: Sequence[Notification], seen: str) -> int:
    """Return the number of `notifications`, sorted newest first, with an id newer than `seen`."""
    return bisect_left(notifications, True, key=lambda notification: notification.id <= seen)


def count(items: Sequence[Item]) -> Counts:
    """Count the notifications and groups of a timeline."""
    sizes = [(1 + len(item.nested), item.unseen) for item in items]
    return Counts(
        unseen=sum(size for size, unseen in sizes if unseen),
        total=sum(size for size, _ in sizes),
        groups=len(sizes),
        unseen_groups=sum(unseen for _, unseen in sizes),
    )


def _items(groups: Sequence[Group], *, unseen: bool) -> list[Item]:
    return [Item(group.head, group.nested, unseen) for group in groups]
