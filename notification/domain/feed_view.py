"""A feed as its user sees it after one read, with the pages and counts derived from it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from sys import getsizeof
from weakref import ref

from notification.domain import footprint
from notification.domain.idempotency import without_repeats
from notification.domain.model import Notification, Rules
from notification.domain.pages import Page, cut
from notification.domain.payload import decode_notification
from notification.domain.ranges import Range
from notification.domain.timeline import Counts, count, timeline
from siblings import Feed

MAX_PAGES = 16
"""Maximum number of cached pages per view. Most clients request only the first page."""


@dataclass(slots=True)
class FeedView:
    """A feed combined with its cursor and the current rules.

    `stored`: every live notification by id, newest first. `notifications`: the same, but only one notification for each
    idempotency key. `exists`: false if there is no feed, or it was removed as a whole. `newest`: the feed's newest id.
    `size`: bytes of memory that the view takes, including pages and their renderings. `decoded`: the part of `size`
    that the notifications take. The view holds a weak reference to the feed, because the cache of feeds owns the feed
    and counts its size.
    """

    seen: str
    rules: Rules
    newest: str
    exists: bool
    stored: Mapping[str, Notification]
    notifications: Sequence[Notification]
    size: int
    decoded: int
    _feed: ref[Feed]
    _pages: dict[Range, Page] = field(default_factory=dict)
    _counts: Counts | None = None

    @classmethod
    def of(cls, feed: Feed, seen: str, rules: Rules, before: "FeedView | None" = None) -> "FeedView":
        """Build a view. Notifications that `before` has decoded, and their sizes, are reused. Raises `DecodeError`."""
        known = before.stored if before else {}
        decoded = before.decoded if before else 0
        stored = {}
        for id_, payload in feed.live():
            notification = known.get(id_)
            if notification is None:
                notification = decode_notification(id_, payload)
                decoded += footprint.of_notification(notification)
            stored[id_] = notification
        decoded -= sum(footprint.of_notification(known[id_]) for id_ in known.keys() - stored.keys())
        notifications = without_repeats(list(stored.values()))
        size = footprint.VIEW + getsizeof(stored) + getsizeof(notifications) + decoded
        return cls(seen, rules, feed.newest, bool(feed.slots), stored, notifications, size, decoded, ref(feed))

    def is_of(self, feed: Feed, seen: str, rules: Rules) -> bool:
        """Whether the view is current for these inputs. Rules of categories that are not in the view do not matter."""
        return self._feed() is feed and self.seen == seen and (self.rules is rules or self._moves_to(rules))

    def _moves_to(self, rules: Rules) -> bool:
        categories = {notification.category for notification in self.stored.values()}
        if any(self.rules.get(category) != rules.get(category) for category in categories):
            return False
        self.rules = rules
        return True

    def repeats(self) -> set[str]:
        """Return the ids of the notifications that are hidden because an older one has the same idempotency key."""
        if len(self.notifications) == len(self.stored):
            return set()
        return self.stored.keys() - {notification.id for notification in self.notifications}

    def rivals(self) -> list[str]:
        """Return the ids of all notifications that share an idempotency key with another one."""
        keys = {id_: item.idempotency[0] for id_, item in self.stored.items() if item.idempotency is not None}
        uses = Counter(keys.values())
        return [id_ for id_, key in keys.items() if uses[key] > 1]

    def page(self, wanted: Range) -> Page:
        """Return the page for a range. It is cached unless it continues an earlier view."""
        if wanted.frozen is not None:
            return cut(self.notifications, self.seen, self.rules, wanted)
        page = self._pages.get(wanted)
        if page is None:
            page = cut(self.notifications, self.seen, self.rules, wanted)
            if len(self._pages) < MAX_PAGES:
                self._pages[wanted] = page
                self.size += page.size
        return page

    def keeps(self, page: Page) -> bool:
        """Whether `page` is cached in this view."""
        return any(cached is page for cached in self._pages.values())

    def counts(self) -> Counts:
        """Return the counts of notifications and groups."""
        if self._counts is None:
            self._counts = count(timeline(self.notifications, self.seen, self.rules))
        return self._counts
