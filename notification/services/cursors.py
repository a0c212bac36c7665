"""Cursors. A cursor is the position up to which a user, or a program that acts for the user, has read the feed."""

import asyncio
from typing import Final

import structlog

from notification.domain.errors import Malformed, StoreError, after_a_write
from notification.services.cursor_names import CursorNames
from notification.storage.bucket import Bucket
from siblings import CURSOR, Cursor
from siblings.ksuid import NO_ID

SEEN: Final = "notifications"
"""The name of the standard cursor, which is at the newest notification that the user has seen."""

READER_WAIT: Final = 1.0
"""Maximum seconds that a reader waits for the cursor to move. A commit takes much less, even on a busy disk."""

log = structlog.get_logger()


class Cursors:
    """Cursors by username and name. Names contain no hyphen, so no two cursors share a key."""

    def __init__(self, bucket: Bucket[Cursor], names: CursorNames) -> None:
        self._bucket = bucket
        self._names = names
        self._seen: dict[str, str] = {}
        self._moves: dict[str, asyncio.Task[None]] = {}
        self._stuck = False

    async def get(self, username: str, name: str = SEEN) -> Cursor:
        """Return the cursor; its value is `NO_ID` if it does not exist."""
        key = cursor_key(username, name)
        return CURSOR.merge(Cursor(key), await self._bucket.read(key))

    async def seen(self, username: str) -> str:
        """Return the newest id that the user has seen; `NO_ID` if there is none."""
        return (await self._bucket.read(cursor_key(username))).value

    async def move(self, username: str, value: str, name: str = SEEN) -> None:
        """Move the cursor forward to `value`. Raises `Invalid` if the user has too many cursors."""
        key = cursor_key(username, name)
        if name != SEEN:
            await self._names.register(username, name)
        await self._bucket.update(key, lambda cursor, _: (Cursor(key, value), None))

    async def mark_seen(self, username: str, value: str) -> None:
        """Move the standard cursor after a read. After `READER_WAIT` seconds, return and let the move continue.

        Once a call has waited that long, later calls return at once, until a move succeeds. Each user has at most one
        move at a time, which goes to the newest id that was seen. A failure is logged; the notifications stay unseen.
        """
        self._seen[username] = max(value, self._seen.get(username, NO_ID))
        move = self._moves.get(username)
        if move is None:
            move = asyncio.create_task(self._mark_seen(username), name=f"mark seen {username}")
            self._moves[username] = move
        if not self._stuck:
            done, _ = await asyncio.wait((move,), timeout=READER_WAIT)
            self._stuck = not done

    async def _mark_seen(self, username: str) -> None:
        moved = NO_ID
        try:
            while moved < self._seen[username]:
                moved = self._seen[username]
                await self.move(username, moved)
                self._stuck = False
        except StoreError as error:
            log.warning("cursor not moved after a read", username=username, reason=str(error))
        finally:
            del self._seen[username], self._moves[username]

    async def remove(self, username: str, name: str) -> None:
        """Delete a named cursor. Raises `Malformed` for the standard cursor, which only `remove_all` deletes."""
        if name == SEEN:
            raise Malformed("Invalid path", [f"cursor: {SEEN} is removed with all notifications of the user"])
        await self._bucket.delete(cursor_key(username, name))
        with after_a_write():
            await self._names.unregister(username, name)

    async def remove_all(self, username: str) -> None:
        """Delete every cursor of a user."""
        names = await self._names.of(username)
        for name in (SEEN, *names):
            with after_a_write():
                await self._bucket.delete(cursor_key(username, name))
        if names:
            with after_a_write():
                await self._names.clear(username)


def cursor_key(username: str, name: str = SEEN) -> str:
    """Return the key under which a cursor is stored. Replies to clients contain the same key."""
    return f"{username}-{name}"
