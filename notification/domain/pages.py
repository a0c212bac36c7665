"""Cuts a timeline into pages that all show the view of the first page.

Each later page rolls up only the notifications that no earlier page has shown. If it rolled up the whole view, and a
head had been removed between two pages, a nested notification could appear twice or be missed. Earlier pages have
shown everything down to the cut. They have also shown the members of a group that are below the cut, if the group's
head is above the cut. A group is an unbroken run of its kind, so the id of its last member identifies these members.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from notification.domain import footprint
from notification.domain.model import Notification, Rules
from notification.domain.ranges import PartialGroups, Range, ViewToken
from notification.domain.rollup import Kind, kind_of
from notification.domain.timeline import Item, count_unseen, timeline

MAX_PARTIAL_GROUPS: Final = 100
"""Maximum number of groups named in one `Next-Range`. They take 4 KB; many proxies accept only 8 KB of headers."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Page:
    """Items of a timeline and the range of the next page (`None` after the last page).

    `newest` is the newest notification of the feed, even if it is not on this page. `total` and `unseen` count the
    current feed, not only the frozen view. Caches can hold weak references to a page.
    """

    items: Sequence[Item]
    next: Range | None
    newest: Notification | None
    total: int = 0
    unseen: int = 0

    @property
    def size(self) -> int:
        """Size in memory in bytes, without the notifications."""
        partial_groups = len(self.next.frozen.shown or ()) if self.next and self.next.frozen else 0
        return footprint.PAGE + footprint.MARK * partial_groups + footprint.of_items(self.items)

    @property
    def has_newest(self) -> bool:
        """Whether the page contains the newest notification of the feed."""
        return bool(self.items) and self.items[0].head is self.newest


def cut(notifications: Sequence[Notification], seen: str, rules: Rules, wanted: Range) -> Page:
    """Cut the page `wanted` from `notifications`, sorted newest first. Groups are never split."""
    if not notifications:
        return Page([], None, None)
    frozen = wanted.frozen or ViewToken(notifications[0].id, seen)
    remaining = [
        notification
        for notification in notifications
        if notification.id <= frozen.top and not _was_shown(notification, wanted, rules)
    ]
    items = timeline(remaining, frozen.seen, rules)
    covered = [item for item in items if wanted.covers(item.head.id)]
    chosen = covered[: wanted.max]
    next_range = None
    if len(covered) > len(chosen):
        last = chosen[-1].head.id
        shown = _shown(items, last, frozen.shown, rules)
        next_range = wanted.after(last, ViewToken(frozen.top, frozen.seen, shown))
    return Page(chosen, next_range, notifications[0], len(notifications), count_unseen(notifications, seen))


def _was_shown(notification: Notification, wanted: Range, rules: Rules) -> bool:
    """Whether an earlier page of the same view has shown the notification."""
    if wanted.frozen is None or wanted.frozen.shown is None or wanted.start is None:
        return False
    if notification.id >= wanted.start:
        return not wanted.covers(notification.id)
    kind = kind_of(notification, rules) if wanted.frozen.shown else None
    last = wanted.frozen.shown.get(_group_digest(kind)) if kind else None
    return last is not None and notification.id >= last


def _shown(items: Iterable[Item], last: str, before: PartialGroups | None, rules: Rules) -> PartialGroups | None:
    """Return the groups whose head is at or above `last` and whose last member is below it.

    `before`: such groups from earlier pages; the result includes those that still reach below `last`. `None`: there
    are too many groups to name.
    """
    if before is None:
        return None
    reaching = (item for item in items if item.head.id >= last and item.nested and item.nested[-1].id < last)
    shown = {digest: end for digest, end in before.items() if end < last}
    shown |= {_group_digest(kind): item.nested[-1].id for item in reaching if (kind := kind_of(item.head, rules))}
    return shown if len(shown) <= MAX_PARTIAL_GROUPS else None


def _group_digest(kind: Kind) -> str:
    """Return a short digest that identifies a kind in a header without revealing its value."""
    return blake2b("\0".join(part or "" for part in kind).encode(), digest_size=5).hexdigest()
