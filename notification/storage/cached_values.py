"""Caches the decoded values of a bucket with their causal contexts, refreshes them from the store and writes them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog

from notification.domain.errors import CorruptValue, Unstorable
from notification.storage.cache import Cache
from notification.storage.observer import NULL_OBSERVER, StorageObserver
from notification.storage.store import Context, Fetched, Store
from siblings import DecodeError, EncodeError, Mergeable

T = TypeVar("T")

SNAPSHOT_SIZE: Final = 112
"""Bytes of a `Snapshot` without its context and value."""

log = structlog.get_logger()


@dataclass(slots=True)
class Snapshot(Generic[T]):
    """A value as it was last read or written, its context, and the number of siblings that it was merged from.

    `contended`: another process has written the key at the same time, so the next change fetches the value first.
    """

    value: T
    context: Context | None
    siblings: int
    contended: bool = False


class CachedValues(Generic[T]):
    """The cached snapshots of a bucket.

    A read always asks the store whether the cached snapshot is current, and transfers the value only if it is not. A
    write starts from the cached snapshot without a read.

    `on_change` is called with the key and value of every snapshot that is new to this process, whether it was read or
    written.
    """

    def __init__(
        self,
        bucket: str,
        type_: Mergeable[T],
        store: Store,
        capacity: int,
        size_of: Callable[[T], int],
        observer: StorageObserver = NULL_OBSERVER,
    ) -> None:
        self._bucket = bucket
        self._type = type_
        self._store = store
        self._observer = observer
        self._max_siblings = store.capabilities.max_siblings
        self._cache: Cache[Snapshot[T]] = Cache(
            capacity, lambda snapshot: SNAPSHOT_SIZE + len(snapshot.context or b"") + size_of(snapshot.value)
        )
        self.on_change: Callable[[str, T], None] = lambda key, value: None

    def forget(self, key: str) -> None:
        """Drop a snapshot, because it is uncertain what the store holds. The next call fetches the value."""
        self._cache.pop(key, None)

    def basis(self, key: str) -> Snapshot[T] | None:
        """Return the cached snapshot to apply changes to, or `None` if it is missing or contended."""
        cached = self._cache.get(key)
        return None if cached is None or cached.contended else cached

    async def refresh(self, key: str) -> Snapshot[T]:
        """Return what the store holds now, with all siblings merged. A value is transferred only if it has changed."""
        before = self._cache.get(key)
        fetched = await self._fetch(key, before.context if before else None)
        if before is not None and (fetched is None or _still_absent(before, fetched)):
            self._observer.cache(self._bucket, hit=True)
            before.contended = False
            return before
        self._observer.cache(self._bucket, hit=False)
        snapshot = self._decoded(key, fetched or Fetched((), None))
        if before is not None:
            snapshot.contended = before.contended
            if snapshot.siblings:  # a stale node can return less than before; without siblings, the key was deleted
                snapshot.value = self._type.merge(before.value, snapshot.value)
        if self._cache.get(key) is before:  # otherwise, a put has ended in the meantime and cached a newer snapshot
            self._cache.put(key, snapshot)
            self.on_change(key, snapshot.value)
        return snapshot

    async def peek(self, key: str, unless: Context | None) -> Snapshot[T] | None:
        """Return what the store holds now, or `None` if nothing was written since `unless`. Cache no additional key."""
        if self._cache.get(key) is None:
            fetched = await self._fetch(key, unless)
            return None if fetched is None else self._decoded(key, fetched)
        snapshot = await self.refresh(key)
        return None if unless is not None and snapshot.context == unless else snapshot

    async def put(self, key: str, base: Snapshot[T], value: T, delta: T, *, if_unchanged: bool = False) -> bool:
        """Write `value`, which is `base` with `delta` merged in. Return whether the cached snapshot is now complete.

        If the result is false, the store has siblings that this process has not read.

        If the store keeps siblings cheaply, the put adds only the delta, as a sibling. Once the key has `max_siblings`
        siblings, the next put replaces them with one value (see delta-state CRDTs: Almeida, Shoker, Baquero, 2018).

        `if_unchanged`: see `Store.put`.
        """
        as_sibling = 0 < base.siblings < self._max_siblings
        try:
            data = self._type.encode(delta if as_sibling else value)
            stored = await self._store.put(
                self._bucket, key, data, base.context, as_sibling=as_sibling, if_unchanged=if_unchanged
            )
        except EncodeError as error:
            raise Unstorable(f"the value of {self._bucket}/{key} can't be stored: {error}") from error
        except CorruptValue as error:
            self._report_corrupt(error, str(error))
            raise
        if stored.context is None:
            self._cache.pop(key, None)
            return False
        self._cache.put(key, Snapshot(value, stored.context, stored.siblings, base.contended))
        self.on_change(key, value)
        return True

    async def delete(self, key: str) -> None:
        """Remove the values that the store holds now."""
        snapshot = await self.refresh(key)
        try:
            if snapshot.siblings:
                await self._store.delete(self._bucket, key, snapshot.context)
        except CorruptValue as error:
            self._report_corrupt(error, str(error))
            raise
        finally:
            self._cache.pop(key, None)  # not earlier, because a reader can cache the value during the removal

    async def _fetch(self, key: str, unless: Context | None) -> Fetched | None:
        try:
            return await self._store.fetch(self._bucket, key, unless)
        except CorruptValue as error:
            self._report_corrupt(error, str(error))
            raise

    def _decoded(self, key: str, fetched: Fetched) -> Snapshot[T]:
        try:
            value = self._type.join(map(self._type.decode, fetched.values))
        except DecodeError as error:
            corrupt = CorruptValue(self._bucket, key)
            self._report_corrupt(corrupt, str(error))
            raise corrupt from error
        self._observer.siblings_read(self._bucket, len(fetched.values))
        return Snapshot(value, fetched.context, len(fetched.values))

    def _report_corrupt(self, error: CorruptValue, reason: str) -> None:
        log.warning("corrupt value", bucket=self._bucket, key=error.key, reason=reason)
        self._observer.corrupt(self._bucket)


def _still_absent(before: Snapshot[T], fetched: Fetched) -> bool:
    return not fetched.values and not before.siblings and fetched.context == before.context
