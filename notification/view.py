"""What a user has, as one read found it, and everything that was made of it since: kept as long as nothing changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from notification.idempotency import without_repeats
from notification.model import Notification, Rules
from notification.paging import Page, cut
from notification.payload import decode_notification
from notification.ranges import Range
from notification.timeline import Counts, count, timeline
from siblings import Feed

MOST_PAGES = 16
"""Pages of one view that are kept: everybody asks for the first one, few go on."""


@dataclass(slots=True)
class View:
    """A feed with its cursor and the rules in force.

    `stored`: every live notification by id, newest first; `notifications`: of those made under one idempotency key only
    the one that counts. Without slots there is no feed, or it was removed as a whole.
    """

    feed: Feed
    seen: str
    rules: Rules
    stored: Mapping[str, Notification]
    notifications: Sequence[Notification]
    _pages: dict[Range, Page] = field(default_factory=dict)
    _counts: Counts | None = None

    @classmethod
    def of(cls, feed: Feed, seen: str, rules: Rules, before: "View | None" = None) -> "View":
        """A view; what `before` has decoded is not decoded again. Raises `DecodeError`."""
        known = before.stored if before else {}
        stored = {id_: known.get(id_) or decode_notification(id_, payload) for id_, payload in feed.live()}
        return cls(feed, seen, rules, stored, without_repeats(list(stored.values())))

    def is_of(self, feed: Feed, seen: str, rules: Rules) -> bool:
        """Whether it is still what these make. Rules for categories that it does not hold make no difference."""
        return self.feed is feed and self.seen == seen and (self.rules is rules or self._moves_to(rules))

    def _moves_to(self, rules: Rules) -> bool:
        categories = {one.category for one in self.stored.values()}
        if any(self.rules.get(category) != rules.get(category) for category in categories):
            return False
        self.rules = rules
        return True

    def repeats(self) -> set[str]:
        """Ids of notifications that do not count, as another was made under the same idempotency key."""
        if len(self.notifications) == len(self.stored):
            return set()
        return self.stored.keys() - {one.id for one in self.notifications}

    def page(self, wanted: Range) -> Page:
        """The page that `wanted` asks for."""
        if wanted.frozen is not None:
            return cut(self.notifications, self.seen, self.rules, wanted)
        page = self._pages.get(wanted)
        if page is None:
            page = cut(self.notifications, self.seen, self.rules, wanted)
            if len(self._pages) < MOST_PAGES:
                self._pages[wanted] = page
        return page

    def counts(self) -> Counts:
        """How much there is."""
        if self._counts is None:
            self._counts = count(timeline(self.notifications, self.seen, self.rules))
        return self._counts
