"""What can be done with a user's feed. Knows neither HTTP nor which store it is."""

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog

from notification.buckets import Bucket
from notification.errors import CorruptValue, NotFound, StoreError
from notification.ids import Mint
from notification.model import Notification
from notification.paging import Page, cut
from notification.payload import decode_notification, encode_notification
from notification.ranges import Range
from notification.ruleset import Ruleset
from notification.validation import Draft
from siblings import CURSOR, Cursor, DecodeError, Feed

SEEN: Final = "notifications"
"""The name of the cursor at the newest notification that the user has seen."""

log = structlog.get_logger()


class Inbox:
    """Every user's notifications. All methods raise `StoreUnavailable` where the store gives no answer in time."""

    def __init__(self, feeds: Bucket[Feed], cursors: Bucket[Cursor], ruleset: Ruleset, mint: Mint) -> None:
        self._feeds = feeds
        self._cursors = cursors
        self._ruleset = ruleset
        self._mint = mint

    async def create(self, username: str, draft: Draft) -> Notification:
        """Put a new notification on top of the feed; returned once the store has it."""
        draw = self._mint.draw()
        payload = encode_notification(draft.category, draft.message, draw.milliseconds, draft.properties)

        def change(feed: Feed, before: str | None) -> tuple[Feed, str]:
            id_ = before if before is not None and before > feed.floor else draw.above(feed.newest)
            return feed.add(id_, payload), id_

        id_ = await self._feeds.update(username, change)
        return Notification(id_, draft.category, draft.message, draw.milliseconds, draft.properties)

    async def page(self, username: str, wanted: Range, *, mark_seen: bool) -> Page:
        """A page of the feed, newest first.

        Where `mark_seen` and the newest notification is on the page, the user's cursor then moves to it. Raises
        `NotFound` where there is no feed, or it was removed as a whole.
        """
        feed, cursor, rules = await asyncio.gather(
            self._feeds.read(username), self._cursors.read(_cursor_key(username)), self._ruleset.current()
        )
        if not feed.slots:
            raise NotFound("Notifications not found")
        page = cut(_notifications(username, feed), cursor.value, rules, wanted)
        if mark_seen and page.has_newest and page.newest is not None and page.newest.id > cursor.value:
            await self._move_cursor(username, page.newest.id)
        return page

    async def remove(self, username: str, ids: Iterable[str]) -> None:
        """Remove these notifications, known or not; ids that nobody can have made yet are left out."""
        credible = [id_ for id_ in ids if self._mint.is_credible(id_)]
        if credible:
            await self._feeds.update(username, lambda feed, _: (feed.remove(credible), None))

    async def remove_all(self, username: str) -> None:
        """Remove all notifications, and the cursor."""

        def change(feed: Feed, before: str | None) -> tuple[Feed, str]:
            upto = feed.newest if before is None else before
            return feed.clear(upto), upto

        await self._feeds.update(username, change, fresh=True)
        await self._cursors.delete(_cursor_key(username))

    async def _move_cursor(self, username: str, newest: str) -> None:
        """The page was made: that its cursor can't move now is no reason not to give it. It stays unseen."""
        key = _cursor_key(username)
        try:
            await self._cursors.update(key, lambda cursor, _: (CURSOR.merge(cursor, Cursor(key, newest)), None))
        except StoreError as error:
            log.warning("cursor not moved", username=username, reason=str(error))


def _cursor_key(username: str) -> str:
    return f"{username}-{SEEN}"


def _notifications(username: str, feed: Feed) -> list[Notification]:
    """What was not removed, newest first."""
    try:
        return [decode_notification(id_, payload) for id_, payload in feed.live()]
    except DecodeError as error:
        raise CorruptValue("notifications", username) from error
