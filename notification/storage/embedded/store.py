"""The embedded store: one SQLite file that all processes of a machine share. It keeps siblings as Riak does.

Reads run in the caller's thread, because a read from the page cache takes a few microseconds, but a switch to another
thread takes hundreds of microseconds. Writes go to one thread that commits all waiting writes in one transaction, so
that one fsync serves many requests.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

from notification.domain.errors import CorruptValue, StoreError, StoreMisconfigured, StoreUnavailable, Unread
from notification.storage.embedded import rows
from notification.storage.embedded.commits import Committer, CommitUncertain
from notification.storage.embedded.context import mark_of, marked, unmarked
from notification.storage.embedded.database import connect, prepare, uses_wal
from notification.storage.embedded.failures import is_damage, not_stored
from notification.storage.embedded.identity import FileIdentity
from notification.storage.embedded.sequence import Mark, Sequence, slot_of
from notification.storage.embedded.sequence_file import SequenceFile
from notification.storage.embedded.writes import Delete, Put
from notification.storage.observer import NULL_OBSERVER, ObservedCall, StorageObserver
from notification.storage.store import Capabilities, Context, Fetched, Stored

HEALTH_TIMEOUT: Final = 5.0
"""Seconds that a commit may take before the file is reported as unhealthy."""

MAX_PROVED: Final = 4096
"""Maximum number of contexts for which a newer transaction number is remembered; see `_prove`."""

T = TypeVar("T")


class EmbeddedStore:
    """Keeps siblings in the SQLite file `path`. Creates the file and its folder if they are missing.

    `timeout`: maximum seconds to wait for another process's transaction. Raises `StoreUnavailable` if the file
    can't be opened, `StoreMisconfigured` if it belongs to another program or to a later version of this one.

    A call that reads damaged pages raises `CorruptValue`. Once the file at `path` was deleted or replaced, no write is
    acknowledged. Each call is reported to `observer` as a call of the node `embedded`.
    """

    capabilities: Final = Capabilities(conditional_put=True, max_siblings=32, reads_synchronously=True)

    def __init__(self, path: Path, timeout: float = 5.0, observer: StorageObserver = NULL_OBSERVER) -> None:
        self._path = path
        self._observer = observer
        with contextlib.ExitStack() as opened:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._reader = opened.enter_context(contextlib.closing(connect(path, timeout)))
                prepare(self._reader)
                writer = opened.enter_context(contextlib.closing(connect(path, timeout)))
                self._identity = FileIdentity(path)
                self._sequence_file = SequenceFile(path, timeout) if uses_wal(writer) else None
            except (OSError, sqlite3.Error) as error:
                raise StoreUnavailable(f"{path} can't be opened: {error}") from error
            except StoreMisconfigured as error:
                raise StoreMisconfigured(f"{path} can't be used: {error}") from error
            opened.pop_all()
        self._sequence = self._sequence_file.sequence if self._sequence_file else Sequence()
        self._proved: dict[tuple[str, str, Context], int] = {}
        self._committer = Committer(writer, self._identity.check, self._sequence)

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        """Return all siblings, or `None` if nothing was written since `unless`."""
        if unless is not None and self._is_current(bucket, key, unless):
            return None
        with self._observed("get"):
            slot = slot_of(bucket, key)
            number = self._sequence.look(slot)
            try:
                query = rows.NEWEST_AND_COUNT, (bucket, key)
                if unless is not None and rows.context_of(self._reader.execute(*query)) == unmarked(unless):
                    self._prove(bucket, key, unless, number)
                    return None
                values, context = rows.fetch(self._reader, bucket, key)
            except sqlite3.Error as error:
                raise self._unreadable(error, bucket, key) from error
            return Fetched(values, marked(context, slot, number))

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
        """Replace the values that `context` covers, and keep all others. Return after the fsync. See `writes`."""
        with self._observed("put"):
            mark = Mark(*mark_of(context)) if context is not None else Mark(slot_of(bucket, key))
            write = Put(bucket, key, value, unmarked(context), as_sibling, if_unchanged, mark)
            try:
                stored = await self._committer.commit(write, mark)
            except (sqlite3.Error, OSError) as error:
                raise self._unwritten(error, write) from error
            return Stored(marked(stored.context, mark.slot, mark.number), stored.siblings)

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        """Remove the values that `context` covers."""
        with self._observed("delete"):
            write = Delete(bucket, key, unmarked(context))
            try:
                await self._committer.commit(write, Mark(slot_of(bucket, key)))
            except (sqlite3.Error, OSError) as error:
                raise self._unwritten(error, write) from error

    async def keys(self, bucket: str) -> list[str]:
        """Return every key of a bucket, even if the index is damaged."""
        with self._observed("list_keys"):
            try:
                return self._keys(bucket)
            except sqlite3.Error as error:
                raise self._unreadable(error, bucket, "*") from error

    async def health(self) -> Mapping[str, str | None]:
        """Map the file to the reason why it can't be written, or to `None`."""
        try:
            await asyncio.wait_for(self._committer.commit(lambda writer: None), timeout=HEALTH_TIMEOUT)
        except TimeoutError:
            return {str(self._path): "it takes too long to commit"}
        except (sqlite3.Error, OSError) as error:
            return {str(self._path): f"it can't be written: {error}"}
        return {str(self._path): None}

    async def close(self) -> None:
        """Commit the waiting writes, then close the file."""
        await self._committer.close()
        self._reader.close()
        if self._sequence_file:
            self._sequence_file.close()

    def _is_current(self, bucket: str, key: str, context: Context) -> bool:
        """Whether the table in shared memory proves that nothing was written since `context`."""
        slot, number = mark_of(context)
        is_current = self._sequence.is_current
        return is_current(slot, number) or is_current(slot, self._proved.get((bucket, key, context)))

    def _prove(self, bucket: str, key: str, context: Context, number: int) -> None:
        """Remember that `context` of this key was still current after the transaction `number`.

        The mark of the context no longer proves this, because another key with the same slot has changed. The context
        alone does not identify the key, because absent keys with one slot can have the same context.
        """
        if len(self._proved) >= MAX_PROVED:
            self._proved.clear()
        self._proved[bucket, key, context] = number

    def _observed(self, operation: str) -> ObservedCall:
        return ObservedCall(self._observer, "embedded", operation)

    def _keys(self, bucket: str) -> list[str]:
        try:
            return rows.keys(self._reader, bucket, indexed=True)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            return rows.keys(self._reader, bucket, indexed=False)

    def _unreadable(self, error: sqlite3.Error, bucket: str, key: str) -> StoreError:
        if is_damage(error):
            return CorruptValue(bucket, key, f"can't be read: {error}")
        return Unread(f"{self._path} can't be read: {error}")

    def _unwritten(self, error: sqlite3.Error | OSError, write: Put | Delete) -> StoreError:
        if isinstance(error, CommitUncertain):
            return StoreUnavailable(f"{self._path} can't be written: {error}")
        if is_damage(error):
            return CorruptValue(write.bucket, write.key, f"can't be written: {error}")
        return not_stored(f"{self._path} can't be written: {error}", error)
