"""A user's timeline: what is unseen and what is seen, each rolled up on its own.

Split first, rolled up second: else a seen notification would be pulled forward into an unseen group.
"""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from notification.model import Notification, Rules
from notification.rollup import Group, roll_up


class Item(NamedTuple):
    """One line of a timeline; what is nested under it is as seen or unseen as itself."""

    head: Notification
    nested: Sequence[Notification]
    unseen: bool


def timeline(notifications: Sequence[Notification], seen: str, rules: Rules) -> list[Item]:
    """The items of `notifications` (newest first). Unseen is whatever has an id above `seen`: an order, not a look-up,
    so it holds when the very notification that was seen last is gone."""
    boundary = next((at for at, one in enumerate(notifications) if one.id <= seen), len(notifications))
    unseen = roll_up(notifications[:boundary], rules)
    rest = roll_up(notifications[boundary:], rules)
    return list(chain(_items(unseen, unseen=True), _items(rest, unseen=False)))


def _items(groups: Sequence[Group], *, unseen: bool) -> list[Item]:
    return [Item(group.head, group.nested, unseen) for group in groups]
