"""Pages of a timeline, all cut from the view of the first one.

Pages after the first are rolled up from what was not shown yet, not from the whole view: were a head removed between
two pages, a roll-up of the whole view would promote what was nested under it, show it again, or let an older
group swallow what no page has shown. What was shown is everything down to the cut, and below it the rest of those
groups that reach past it. A group is an unbroken run of its kind, so its last id tells which these are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from notification.domain import footprint
from notification.domain.model import Notification, Rules
from notification.domain.ranges import PartialGroups, Range, ViewToken
from notification.domain.rollup import Kind, kind_of
from notification.domain.timeline import Item, count_unseen, timeline

MAX_PARTIAL_GROUPS: Final = 100
"""Groups named in one `Next-Range`, 4 KB of header: servers and proxies often take no more than 8 KB."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a timeline, and where the next ones begin (`None`: there are none).

    `newest` is the newest notification of all, on this page or not. `total` and `unseen` count all notifications there
    are now, not just those of the frozen view. `rendered`: what faces made of the page, kept as long as it is.
    """

    items: Sequence[Item]
    next: Range | None
    newest: Notification | None
    total: int = 0
    unseen: int = 0
    rendered: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def size(self) -> int:
        """Bytes of memory that it takes, without the notifications, which others keep, and what is rendered of it."""
        named = len(self.next.frozen.shown or ()) if self.next and self.next.frozen else 0
        return footprint.PAGE + footprint.MARK * named + footprint.of_items(self.items)

    @property
    def has_newest(self) -> bool:
        """Whether the newest notification of all is on it."""
        return bool(self.items) and self.items[0].head is self.newest


def cut(notifications: Sequence[Notification], seen: str, rules: Rules, wanted: Range) -> Page:
    """The page of `notifications` (newest first) that `wanted` asks for. A page never cuts a group."""
    if not notifications:
        return Page([], None, None)
    frozen = wanted.frozen or ViewToken(notifications[0].id, seen)
    remaining = [one for one in notifications if one.id <= frozen.top and not _was_shown(one, wanted, rules)]
    items = timeline(remaining, frozen.seen, rules)
    covered = [item for item in items if wanted.covers(item.head.id)]
    chosen = covered[: wanted.max]
    following = None
    if len(covered) > len(chosen):
        last = chosen[-1].head.id
        shown = _shown(items, last, frozen.shown, rules)
        following = wanted.after(last, ViewToken(frozen.top, frozen.seen, shown))
    return Page(chosen, following, notifications[0], len(notifications), count_unseen(notifications, seen))


def _was_shown(notification: Notification, wanted: Range, rules: Rules) -> bool:
    """Whether an earlier page of the walk that `wanted` goes on with has shown it."""
    if wanted.frozen is None or wanted.frozen.shown is None or wanted.start is None:
        return False
    if notification.id >= wanted.start:
        return not wanted.covers(notification.id)
    kind = kind_of(notification, rules) if wanted.frozen.shown else None
    last = wanted.frozen.shown.get(_group_digest(kind)) if kind else None
    return last is not None and notification.id >= last


def _shown(items: Iterable[Item], last: str, before: PartialGroups | None, rules: Rules) -> PartialGroups | None:
    """The groups down to the head `last` that reach below it, those that earlier pages have named included."""
    if before is None:
        return None
    reaching = (item for item in items if item.head.id >= last and item.nested and item.nested[-1].id < last)
    shown = {digest: end for digest, end in before.items() if end < last}
    shown |= {_group_digest(kind): item.nested[-1].id for item in reaching if (kind := kind_of(item.head, rules))}
    return shown if len(shown) <= MAX_PARTIAL_GROUPS else None


def _group_digest(kind: Kind) -> str:
    """A kind's name in a header: short, and telling nothing of its value."""
    return blake2b("\0".join(part or "" for part in kind).encode(), digest_size=5).hexdigest()
