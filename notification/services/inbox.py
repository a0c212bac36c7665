"""Reads, removes and marks the notifications of a user's feed. The code is independent of HTTP and of the store."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

import structlog

from notification.domain.errors import CorruptValue, Invalid, NotFound, StoreError, after_a_write
from notification.domain.feed_view import FeedView
from notification.domain.model import Rules
from notification.domain.pages import Page
from notification.domain.ranges import Range
from notification.domain.timeline import Counts
from notification.services.creation import Creation
from notification.services.cursors import SEEN, Cursors
from notification.services.ids import IdGenerator
from notification.services.observer import NULL_OBSERVER, ServiceObserver
from notification.services.removing import living, remove_any, remove_known
from notification.services.rules import RulesService
from notification.storage.bucket import Bucket, Peeked
from notification.storage.cache import Cache
from notification.storage.store import Context
from siblings import Cursor, DecodeError, Feed
from siblings.ksuid import NO_ID

log = structlog.get_logger()


class KnownState(Protocol):
    """State from an earlier read: the newest id of the feed, and the newest id that the user had seen."""

    @property
    def newest(self) -> str:
        """The newest id of the feed."""

    @property
    def seen(self) -> str:
        """The newest id that the user had seen."""


class Inbox:
    """The feeds of all users. All methods raise `StoreUnavailable` if the store does not reply in time.

    `creation` creates notifications in the same feeds; `cursors` holds the users' cursors. `views`: capacity of the
    cache of feed views, in bytes.
    """

    def __init__(
        self,
        feeds: Bucket[Feed],
        cursors: Cursors,
        rules_service: RulesService,
        id_generator: IdGenerator,
        views: int = 64 * 1024 * 1024,
        observer: ServiceObserver = NULL_OBSERVER,
    ) -> None:
        self._views: Cache[FeedView] = Cache(views, lambda view: view.size)
        self._feeds = feeds
        self.cursors = cursors
        self._rules_service = rules_service
        self._id_generator = id_generator
        self.creation = Creation(feeds, id_generator, observer)
        self._observer = observer

    async def page(self, username: str, wanted: Range, *, mark_seen: bool) -> Page:
        """Return a page of the feed, newest first.

        If `mark_seen` is set and the page contains the newest notification, move the user's cursor to it; see
        `Cursors.mark_seen`. Raises `NotFound` if the user has no feed, or if the whole feed was removed.
        """
        view = await self.view(username)
        if not view.exists:
            raise NotFound("Notifications not found")
        size = view.size
        page = view.page(wanted)
        if view.size != size:
            self._views.resize(username)
        if mark_seen and page.has_newest and page.newest is not None and page.newest.id > view.seen:
            await self.cursors.mark_seen(username, page.newest.id)
        return page

    def grow_view(self, username: str, page: Page, size: int) -> None:
        """Add `size` bytes, which the caller caches with `page`, to the size of the cached view that contains it."""
        view = self._views.get(username)
        if view is not None and view.keeps(page):
            view.size += size
            self._views.resize(username)

    async def count(self, username: str) -> Counts:
        """Count all and unseen notifications; all counts are zero if the user has no feed."""
        return (await self.view(username)).counts()

    async def view(self, username: str) -> FeedView:
        """Return the current feed view. Raises `CorruptValue`.

        If the feed has duplicates with the same idempotency key, remove them. A failure to do so is only logged.
        """
        view = self._views.get(username)
        feed, seen, rules = await self.read(username, view)
        if view is None or not view.is_of(feed, seen, rules):
            try:
                view = FeedView.of(feed, seen, rules, view)
            except DecodeError as error:
                self._observer.corrupt("notifications")
                raise CorruptValue("notifications", username) from error
            self._views.put(username, view)
        repeats = view.repeats()
        if repeats and not self.creation.may_be_withdrawn(username, view.rivals()):
            try:
                await self.remove(username, repeats)
            except StoreError as error:
                log.warning("duplicates not removed during a read", username=username, reason=str(error))
        return view

    async def read(self, username: str, known: KnownState | None = None) -> tuple[Feed, str, Rules]:
        """Read the parts of a view: the feed, the newest id that the user has seen, and the rules in force.

        The cursor is never past the newest id of its feed. If the cursor in `known` was at the newest id, it can have
        moved only if the feed now has a newer id. So in this case, the cursor is read only if there is a newer id.
        """
        rules = await self._rules_service.in_force()
        if known is not None and known.seen >= known.newest:
            feed = await self._feeds.read(username)
            return feed, known.seen if known.seen >= feed.newest else await self.cursors.seen(username), rules
        if self._feeds.capabilities.reads_synchronously:
            return await self._feeds.read(username), await self.cursors.seen(username), rules
        return *await asyncio.gather(self._feeds.read(username), self.cursors.seen(username)), rules

    async def changes(
        self, username: str, known: KnownState, context: Context | None
    ) -> tuple[Peeked[Feed] | None, str, Rules]:
        """Read the same parts as `read`. The feed is `None` if nothing was written to it since `context`.

        A feed that is not cached stays uncached, so that watched feeds do not fill the cache.
        """
        rules = await self._rules_service.in_force()
        if known.seen >= known.newest:
            feed = await self._feeds.peek(username, context)
            newest = known.newest if feed is None else feed.value.newest
            return feed, known.seen if known.seen >= newest else await self.cursors.seen(username), rules
        if self._feeds.capabilities.reads_synchronously:
            return await self._feeds.peek(username, context), await self.cursors.seen(username), rules
        return *await asyncio.gather(self._feeds.peek(username, context), self.cursors.seen(username)), rules

    async def remove(self, username: str, ids: Iterable[str]) -> None:
        """Remove notifications. The feed remembers the removal of a few ids that it does not hold; see `removing`."""
        wanted = [*ids]
        if not wanted:
            return
        removed = await self._feeds.update(username, remove_known(wanted))
        if removed is None:  # another process may have created it after the feed was cached
            credible = frozenset(filter(self._id_generator.is_credible, wanted))
            removed = await self._feeds.update(username, remove_any(wanted, credible), fresh=True)
        self._observer.removed(removed.living)

    async def remove_all(self, username: str) -> None:
        """Remove all notifications and all cursors of a user."""

        def change(feed: Feed, before: tuple[str, int] | None) -> tuple[Feed, tuple[str, int]]:
            upto, removed = (feed.newest, living(feed, feed.slots)) if before is None else before
            return Feed(upto), (upto, removed)

        _, removed = await self._feeds.update(username, change, fresh=True)
        self._observer.removed(removed)
        with after_a_write():
            await self.cursors.remove_all(username)

    async def cursor(self, username: str, name: str) -> Cursor:
        """Return a cursor. Raises `NotFound` if it does not exist."""
        cursor = await self.cursors.get(username, name)
        if cursor.value == NO_ID:
            raise NotFound("Cursor not found")
        return cursor

    async def move_cursor(self, username: str, name: str, value: str) -> None:
        """Move a cursor forward. The cursor `notifications` never moves past the newest id of the feed.

        Raises `Invalid` if an id is newer than the newest id of the feed and its time is more than a day ahead.
        """
        if not self._id_generator.is_credible(value) and value > (await self._feeds.read(username)).newest:
            raise Invalid("Invalid fields", ["value: dated more than a day ahead"])
        if name == SEEN:
            value = min(value, (await self._feeds.read(username)).newest)
        if value != NO_ID:
            await self.cursors.move(username, value, name)
