"""The embedded store: one SQLite file, shared by all processes of a machine, that really keeps siblings.

A row is one sibling, named by its dot: the row's number in one ever-growing sequence. A context is the greatest dot
that its holder has seen of a key, and how many siblings there were: any write, a deletion too, makes another one.

Reads run where they are called: from the page cache they take a few microseconds, a hop to a thread takes hundreds.
Writes go to one thread that commits everything waiting in one transaction, so that one fsync serves many requests.
"""

import asyncio
import contextlib
import sqlite3
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

from notification.domain.errors import CorruptValue, StoreError, StoreMisconfigured, StoreUnavailable, Unread
from notification.storage.embedded.commits import Committer, CommitUncertain, Write
from notification.storage.embedded.database import connect, prepare
from notification.storage.embedded.failures import is_damage, not_stored
from notification.storage.embedded.identity import FileIdentity
from notification.storage.store import Context, Fetched, Stored

HEALTH_TIMEOUT: Final = 5.0
"""Seconds that a commit may take before the file is called unhealthy."""

_SEEN: Final = struct.Struct(">QI")
T = TypeVar("T")


class EmbeddedStore:
    """Siblings in the SQLite file `path`, made where it is missing, its folder too.

    `timeout`: seconds to wait for another process's transaction. Raises `StoreUnavailable` where the file can't be
    opened, `StoreMisconfigured` where it belongs to another program or a later version.

    A call that meets damaged pages raises `CorruptValue`. No write is acknowledged once the file at `path` is another
    one than the one that is open.
    """

    siblings_kept = 32
    answers_at_once = True
    puts_alone = True

    def __init__(self, path: Path, timeout: float = 5.0) -> None:
        self._path = path
        with contextlib.ExitStack() as opened:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._reader = opened.enter_context(contextlib.closing(connect(path, timeout)))
                prepare(self._reader)
                writer = opened.enter_context(contextlib.closing(connect(path, timeout)))
                self._identity = FileIdentity(path)
            except (OSError, sqlite3.Error) as error:
                raise StoreUnavailable(f"{path} can't be opened: {error}") from error
            except StoreMisconfigured as error:
                raise StoreMisconfigured(f"{path} can't be used: {error}") from error
            opened.pop_all()
        self._committer = Committer(writer, self._identity.check)

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        """All siblings; `None` when nothing was written since `unless`."""
        try:
            if unless is not None and _look(self._reader, bucket, key) == unless:
                return None
            rows = self._reader.execute(
                "SELECT dot, value FROM siblings WHERE bucket = ? AND key = ? ORDER BY dot", (bucket, key)
            ).fetchall()
        except sqlite3.Error as error:
            raise self._unreadable(error, bucket, key) from error
        return Fetched(tuple(value for _, value in rows), _SEEN.pack(rows[-1][0], len(rows)) if rows else None)

    async def put(
        self,
        bucket: str,
        key: str,
        value: bytes,
        context: Context | None,
        *,
        as_sibling: bool = False,
        if_unchanged: bool = False,
    ) -> Stored:
        """Replace what `context` has seen, keep the rest as siblings. Returns after the fsync."""
        seen, kept = _SEEN.unpack(context) if context else (0, 0)

        def write(writer: sqlite3.Connection) -> Stored:
            if if_unchanged and _look(writer, bucket, key) != context:
                return Stored(None, _count(writer, bucket, key))
            if not as_sibling:
                _drop(writer, bucket, key, seen)
            unseen = _look(writer, bucket, key) != (context if as_sibling else None)
            dot = writer.execute(
                "INSERT INTO siblings (bucket, key, value) VALUES (?, ?, ?)", (bucket, key, value)
            ).lastrowid
            if not unseen:
                siblings = kept + 1 if as_sibling else 1
                return Stored(_SEEN.pack(dot, siblings), siblings)
            return Stored(None, _count(writer, bucket, key))

        return await self._commit(write, bucket, key)

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        """Remove what `context` has seen. A dot is never used twice, so no tombstone is needed."""
        seen = _greatest_dot(context)
        await self._commit(lambda writer: _drop(writer, bucket, key, seen), bucket, key)

    async def keys(self, bucket: str) -> list[str]:
        """Every key of a bucket; from the table if the index is damaged."""
        try:
            try:
                return _keys(self._reader, "siblings", bucket)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                return _keys(self._reader, "siblings NOT INDEXED", bucket)
        except sqlite3.Error as error:
            raise self._unreadable(error, bucket, "*") from error

    async def health(self) -> Mapping[str, str | None]:
        """The file, and why it can't be written."""
        try:
            await asyncio.wait_for(self._committer.commit(lambda writer: None), timeout=HEALTH_TIMEOUT)
        except TimeoutError:
            return {str(self._path): "it takes too long to commit"}
        except (sqlite3.Error, OSError) as error:
            return {str(self._path): f"it can't be written: {error}"}
        return {str(self._path): None}

    async def close(self) -> None:
        """Commit what waits, then close the file."""
        await self._committer.close()
        self._reader.close()

    def _unreadable(self, error: sqlite3.Error, bucket: str, key: str) -> StoreError:
        if is_damage(error):
            return CorruptValue(bucket, key, f"can't be read: {error}")
        return Unread(f"{self._path} can't be read: {error}")

    async def _commit(self, write: Write[T], bucket: str, key: str) -> T:
        try:
            return await self._committer.commit(write)
        except CommitUncertain as error:
            raise StoreUnavailable(f"{self._path} can't be written: {error}") from error
        except (sqlite3.Error, OSError) as error:
            if is_damage(error):
                raise CorruptValue(bucket, key, f"can't be written: {error}") from error
            raise not_stored(f"{self._path} can't be written: {error}", error) from error


def _keys(connection: sqlite3.Connection, table: str, bucket: str) -> list[str]:
    query = f"SELECT DISTINCT key FROM {table} WHERE bucket = ? ORDER BY key"  # noqa: S608  # of two names above
    return [key for (key,) in connection.execute(query, (bucket,))]


def _look(connection: sqlite3.Connection, bucket: str, key: str) -> Context | None:
    """The context of one who has seen everything that there is of a key."""
    dot, siblings = connection.execute(
        "SELECT max(dot), count(*) FROM siblings WHERE bucket = ? AND key = ?", (bucket, key)
    ).fetchone()
    return _SEEN.pack(dot, siblings) if dot else None


def _count(connection: sqlite3.Connection, bucket: str, key: str) -> int:
    (siblings,) = connection.execute(
        "SELECT count(*) FROM siblings WHERE bucket = ? AND key = ?", (bucket, key)
    ).fetchone()
    return int(siblings)


def _greatest_dot(context: Context | None) -> int:
    return _SEEN.unpack(context)[0] if context else 0


def _drop(writer: sqlite3.Connection, bucket: str, key: str, seen: int) -> None:
    if seen:
        writer.execute("DELETE FROM siblings WHERE bucket = ? AND key = ? AND dot <= ?", (bucket, key, seen))
