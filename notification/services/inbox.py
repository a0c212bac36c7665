"""What can be done with a user's feed. Knows neither HTTP nor which store it is."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any, Protocol

import structlog

from notification.domain.drafts import Draft
from notification.domain.errors import CorruptValue, Invalid, NotFound, StoreError, after_a_write
from notification.domain.feed_view import FeedView
from notification.domain.model import Rules
from notification.domain.pages import Page
from notification.domain.ranges import Range
from notification.domain.timeline import Counts
from notification.services.creation import Created, Creation
from notification.services.cursors import SEEN, Cursors
from notification.services.ids import IdGenerator
from notification.services.observer import NULL_OBSERVER, ServiceObserver
from notification.services.removing import living, remove_any, remove_known
from notification.services.rules import RulesService
from notification.storage.bucket import Bucket
from notification.storage.cache import Cache
from siblings import Cursor, DecodeError, Feed
from siblings.ksuid import NO_ID

log = structlog.get_logger()


class KnownState(Protocol):
    """What is known of a user: the newest id of the feed, and the id seen last."""

    @property
    def newest(self) -> str:
        """The newest id of the feed."""

    @property
    def seen(self) -> str:
        """The id seen last."""


class Inbox:
    """Every user's notifications. All methods raise `StoreUnavailable` where the store gives no answer in time.

    `views`: bytes that may be kept of feeds as they are shown.
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
        self._cursors = cursors
        self._rules_service = rules_service
        self._id_generator = id_generator
        self._creation = Creation(feeds, id_generator, observer)
        self._observer = observer

    async def create(self, username: str, draft: Draft, key: str | None = None) -> Created:
        """Put a new notification on top of the feed; returned once the store has it.

        With an idempotency `key` that was used before, what was made then is returned. Raises `KeyReused` where it
        was used for another body.
        """
        return await self._creation.create(username, draft, key)

    async def page(self, username: str, wanted: Range, *, mark_seen: bool) -> Page:
        """A page of the feed, newest first.

        Where `mark_seen` and the newest notification is on the page, the user's cursor then moves to it; see
        `Cursors.mark_seen`. Raises `NotFound` where there is no feed, or it was removed as a whole.
        """
        view = await self.view(username)
        if not view.exists:
            raise NotFound("Notifications not found")
        size = view.size
        page = view.page(wanted)
        if view.size != size:
            self._views.resize(username)
        if mark_seen and page.has_newest and page.newest is not None and page.newest.id > view.seen:
            await self._cursors.mark_seen(username, page.newest.id)
        return page

    def keep_rendered(self, username: str, page: Page, name: str, made: Any, size: int) -> None:
        """Keep what was `made` of a page, of `size` bytes, as long as the page is kept."""
        page.rendered[name] = made
        view = self._views.get(username)
        if view is not None and view.keeps(page):
            view.size += size
            self._views.resize(username)

    async def count(self, username: str) -> Counts:
        """How much there is, and how much of it unseen; nothing where there is no feed."""
        return (await self.view(username)).counts()

    async def view(self, username: str) -> FeedView:
        """What the user has now. Raises `CorruptValue`."""
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
        if repeats and not self._creation.may_be_withdrawn(username, view.rivals()):
            await _in_passing(self.remove(username, repeats), username)
        return view

    async def read(self, username: str, known: KnownState | None = None) -> tuple[Feed, str, Rules]:
        """What a view is made of: the feed, the id seen last, the rules in force.

        The cursor is never past the newest id of its feed. So where it was there when the feed was `known` last, it has
        nothing new to tell before the feed has.
        """
        rules = await self._rules_service.in_force()
        if known is not None and known.seen >= known.newest:
            feed = await self._feeds.read(username)
            return feed, known.seen if known.seen >= feed.newest else await self._cursors.seen(username), rules
        if self._feeds.answers_at_once:
            return await self._feeds.read(username), await self._cursors.seen(username), rules
        return *await asyncio.gather(self._feeds.read(username), self._cursors.seen(username)), rules

    async def remove(self, username: str, ids: Iterable[str]) -> None:
        """Remove these notifications. Of those that the feed does not hold, a few are remembered; see `removing`."""
        wanted = [*ids]
        if not wanted:
            return
        removed = await self._feeds.update(username, remove_known(wanted))
        if removed is None:  # what was cached may be older than a create through another process
            credible = frozenset(filter(self._id_generator.is_credible, wanted))
            removed = await self._feeds.update(username, remove_any(wanted, credible), fresh=True)
        self._observer.removed(removed.living)

    async def remove_all(self, username: str) -> None:
        """Remove all notifications, and every cursor."""

        def change(feed: Feed, before: tuple[str, int] | None) -> tuple[Feed, tuple[str, int]]:
            upto, removed = (feed.newest, living(feed, feed.slots)) if before is None else before
            return Feed(upto), (upto, removed)

        _, removed = await self._feeds.update(username, change, fresh=True)
        self._observer.removed(removed)
        with after_a_write():
            await self._cursors.remove_all(username)

    async def cursor(self, username: str, name: str) -> Cursor:
        """A cursor. Raises `NotFound` where there is none."""
        cursor = await self._cursors.get(username, name)
        if cursor.value == NO_ID:
            raise NotFound("Cursor not found")
        return cursor

    async def remove_cursor(self, username: str, name: str) -> None:
        """Delete a named cursor. Raises `Malformed` for `notifications`, which goes with the feed."""
        await self._cursors.remove(username, name)

    async def move_cursor(self, username: str, name: str, value: str) -> None:
        """Move a cursor forward; `notifications` never past the newest one that the feed has.

        Raises `Invalid` for an id that nobody can have made yet: above the newest of the feed, and of the far future.
        """
        if not self._id_generator.is_credible(value) and value > (await self._feeds.read(username)).newest:
            raise Invalid("Invalid fields", ["value: dated more than a day ahead"])
        if name == SEEN:
            value = min(value, (await self._feeds.read(username)).newest)
        if value != NO_ID:
            await self._cursors.move(username, value, name)


async def _in_passing(change: Awaitable[None], username: str) -> None:
    """A change that a reader makes on his way: that it can't be made now is no reason not to answer him."""
    try:
        await change
    except StoreError as error:
        log.warning("not written in passing", username=username, reason=str(error))
