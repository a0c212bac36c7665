"""Cursors: how far a user, or whatever reads for him, has come in his feed."""

from typing import Final

from notification.buckets import Bucket
from siblings import CURSOR, Cursor

SEEN: Final = "notifications"
"""The name of the cursor at the newest notification that the user has seen."""


class Cursors:
    """By username and name. A name has no hyphen, so that no two users' cursors share a key."""

    def __init__(self, bucket: Bucket[Cursor]) -> None:
        self._bucket = bucket

    async def get(self, username: str, name: str = SEEN) -> Cursor:
        """The cursor; its value is `NO_ID` where there is none."""
        key = cursor_key(username, name)
        return CURSOR.merge(Cursor(key), await self._bucket.read(key))

    async def seen(self, username: str) -> str:
        """The id seen last, `NO_ID` where nothing was."""
        return (await self._bucket.read(cursor_key(username))).value

    async def move(self, username: str, value: str, name: str = SEEN) -> None:
        """Move it to `value`; forward only."""
        key = cursor_key(username, name)
        await self._bucket.update(key, lambda cursor, _: (Cursor(key, value), None))

    async def remove(self, username: str, name: str = SEEN) -> None:
        """Forget it."""
        await self._bucket.delete(cursor_key(username, name))


def cursor_key(username: str, name: str = SEEN) -> str:
    """The key that a cursor is stored under, which is its name for the outside too."""
    return f"{username}-{name}"
