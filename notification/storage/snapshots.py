"""What this process knows of a bucket: decoded values, their causal contexts, and how to ask for what is new."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog

from notification.domain.errors import CorruptValue, Unstorable
from notification.storage.cache import Cache
from notification.storage.observer import NULL_OBSERVER, StorageObserver
from notification.storage.store import Context, Fetched, Store
from siblings import DecodeError, EncodeError, Mergeable

T = TypeVar("T")

KNOWN: Final = 112
"""Bytes of a `Known` by itself."""

log = structlog.get_logger()


@dataclass(slots=True)
class Known(Generic[T]):
    """A value as it was last read or written: its context, and how many siblings it was merged from.

    `contended`: another process was seen writing it, so the next change had better ask first what is new.
    """

    value: T
    context: Context | None
    siblings: int
    contended: bool = False


class CachedValues(Generic[T]):
    """A bucket's values, cached. The cache saves round trips; it is never the answer by itself.

    `learned` is called with every key and value that is new to this process, be it read or written.
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
        self.siblings_kept = store.siblings_kept
        self.answers_at_once = store.answers_at_once
        self.puts_alone = store.puts_alone
        self._observer = observer
        self._cache: Cache[Known[T]] = Cache(
            capacity, lambda known: KNOWN + len(known.context or b"") + size_of(known.value)
        )
        self.learned: Callable[[str, T], None] = lambda key, value: None

    def recall(self, key: str) -> Known[T] | None:
        """What was known last, without asking."""
        return self._cache.get(key)

    def forget(self, key: str) -> None:
        """Have the next one fetch: what the store holds is uncertain."""
        self._cache.drop(key)

    async def refresh(self, key: str) -> Known[T]:
        """What the store holds now, all siblings merged; the value itself is fetched only where it has changed."""
        before = self._cache.get(key)
        fetched = await self._fetch(key, before.context if before else None)
        if before is not None and (fetched is None or _still_absent(before, fetched)):
            self._observer.cache(self._bucket, hit=True)
            before.contended = False
            return before
        self._observer.cache(self._bucket, hit=False)
        known = self._decoded(key, fetched or Fetched((), None))
        if before is not None:
            known.contended = before.contended
            if known.siblings:  # else it was deleted. A store in trouble may answer with less than it did before
                known.value = self._type.merge(before.value, known.value)
        if self._cache.get(key) is before:  # else a put has ended meanwhile, and knows better
            self._keep(key, known)
        return known

    async def put(self, key: str, base: Known[T], value: T, delta: T, *, if_unchanged: bool = False) -> bool:
        """Write `value`, which is `base` with `delta` merged in. Whether this process now knows all there is; if not,
        siblings wait.

        Where the store keeps siblings cheaply, it is given the delta alone, and all of them folded into one every so
        often (delta-state CRDTs: Almeida, Shoker, Baquero, 2018). `if_unchanged`: see `Store.put`.
        """
        as_sibling = 0 < base.siblings < self.siblings_kept
        data = self._encoded(key, delta if as_sibling else value)
        with self._noting_corruption(key):
            stored = await self._store.put(
                self._bucket, key, data, base.context, as_sibling=as_sibling, if_unchanged=if_unchanged
            )
        if stored.context is None:
            self._cache.drop(key)
            return False
        self._keep(key, Known(value, stored.context, stored.siblings, base.contended))
        return True

    async def delete(self, key: str) -> None:
        """Remove what the store holds now."""
        known = await self.refresh(key)
        try:
            if known.siblings:
                with self._noting_corruption(key):
                    await self._store.delete(self._bucket, key, known.context)
        finally:
            self._cache.drop(key)  # afterwards: a reader may have kept the value while it was being removed

    def _keep(self, key: str, known: Known[T]) -> None:
        self._cache.put(key, known)
        self.learned(key, known.value)

    async def _fetch(self, key: str, unless: Context | None) -> Fetched | None:
        try:
            return await self._store.fetch(self._bucket, key, unless)
        except CorruptValue as error:
            self._note_corrupt(key, error)
            raise

    def _encoded(self, key: str, value: T) -> bytes:
        try:
            return self._type.encode(value)
        except EncodeError as error:
            raise Unstorable(f"the value of {self._bucket}/{key} can't be stored: {error}") from error

    def _decoded(self, key: str, fetched: Fetched) -> Known[T]:
        try:
            value = self._type.join(map(self._type.decode, fetched.values))
        except DecodeError as error:
            self._note_corrupt(key, error)
            raise CorruptValue(self._bucket, key) from error
        self._observer.siblings_read(self._bucket, len(fetched.values))
        return Known(value, fetched.context, len(fetched.values))

    @contextmanager
    def _noting_corruption(self, key: str) -> Iterator[None]:
        """For writes, which may find that what the store holds can't be read."""
        try:
            yield
        except CorruptValue as error:
            self._note_corrupt(key, error)
            raise

    def _note_corrupt(self, key: str, error: Exception) -> None:
        log.warning("corrupt value", bucket=self._bucket, key=key, reason=str(error))
        self._observer.corrupt(self._bucket)


def _still_absent(before: Known[T], fetched: Fetched) -> bool:
    return not fetched.values and not before.siblings and fetched.context == before.context
