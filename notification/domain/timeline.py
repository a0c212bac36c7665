"""A user's timeline: what is unseen and what is seen, each rolled up on its own.

Split first, rolled up second: else a seen notification would be pulled forward into an unseen group.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain
from typing import Final, NamedTuple

from notification.domain.model import Notification, Rules
from notification.domain.rollup import Group, roll_up


class Item(NamedTuple):
    """One line of a timeline; what is nested under it is as seen or unseen as itself."""

    head: Notification
    nested: Sequence[Notification]
    unseen: bool


class Counts(NamedTuple):
    """How many notifications there are, and how many items they make, nested ones not counted."""

    unseen: int
    total: int
    groups: int
    unseen_groups: int


NOTHING: Final = Counts(0, 0, 0, 0)


def timeline(notifications: Sequence[Notification], seen: str, rules: Rules) -> list[Item]:
    """The items of `notifications` (newest first). Unseen is whatever has an id above `seen`: an order, not a look-up,
    so it holds when the very notification that was seen last is gone."""
    boundary = count_unseen(notifications, seen)
    unseen = roll_up(notifications[:boundary], rules)
    rest = roll_up(notifications[boundary:], rules)
    return list(chain(_items(unseen, unseen=True), _items(rest, unseen=False)))


def count_unseen(notifications: Sequence[Notification], seen: str) -> int:
    """How many of `notifications` (newest first) have an id above `seen`."""
    return bisect_left(notifications, True, key=lambda one: one.id <= seen)


def count(items: Sequence[Item]) -> Counts:
    """How much there is in a timeline."""
    sizes = [(1 + len(item.nested), item.unseen) for item in items]
    return Counts(
        unseen=sum(size for size, unseen in sizes if unseen),
        total=sum(size for size, _ in sizes),
        groups=len(sizes),
        unseen_groups=sum(unseen for _, unseen in sizes),
    )


def _items(groups: Sequence[Group], *, unseen: bool) -> list[Item]:
    return [Item(group.head, group.nested, unseen) for group in groups]
