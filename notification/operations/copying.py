"""Copy everything from one store to another.

Each value is merged into the target in the same way as any other change. Therefore, a copy can be interrupted and
repeated, and both stores can serve requests meanwhile without losing data.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from notification.domain.errors import CorruptValue, StoreError
from notification.storage.bucket import Bucket
from notification.storage.store import PROBE, Store
from siblings import DecodeError, Mergeable

CONCURRENCY: Final = 32
"""Number of keys that are copied at the same time. They share fsyncs of the embedded store, and overlap on Riak."""

ALL: Final = "*"
"""Stands for all keys of a bucket whose keys can't be listed."""


class Place(NamedTuple):
    """A key in a bucket."""

    bucket: str
    key: str


@dataclass(slots=True)
class Tally:
    """The result for one bucket.

    `keys`: the number of keys read. `written`: those that changed the target. `failures`: the keys that were not
    copied, each with the reason.
    """

    keys: int = 0
    siblings: int = 0
    written: int = 0
    failures: dict[str, str] = field(default_factory=dict)


class Copier:
    """Copies from `source` to `target`.

    `buckets`: the target's buckets. `types`: the type of the values of each bucket, by the bucket's name. `besides`:
    more values of the source, which it keeps in another format. Each counts as one more sibling of its key.
    """

    def __init__(
        self,
        source: Store,
        target: Store,
        buckets: Iterable[Bucket[Any]],
        types: Mapping[str, Mergeable[Any]],
        besides: Mapping[Place, Any] | None = None,
    ) -> None:
        self._source = source
        self._target = target
        self._buckets = {bucket.name: bucket for bucket in buckets}
        self._types = types
        self._besides = besides or {}
        self._unlisted: dict[str, str] = {}

    async def places(self) -> list[Place]:
        """Return every key of the source. A bucket whose keys can't be listed is recorded as a failure of the key `*`.

        Raises `StoreUnavailable`.
        """
        listed = [Place(bucket, key) for bucket in self._buckets for key in await self._keys(bucket)]
        return [*listed, *(place for place in self._besides if place not in listed)]

    async def copy(self, places: Iterable[Place], copied: Callable[[], None]) -> Mapping[str, Tally]:
        """Copy these keys, and call `copied` after each. A corrupt value is skipped and recorded as a failure.

        Every key is read back from the target before it counts as copied. Raises `StoreUnavailable`; some keys may
        already be copied, and the copy can be repeated.
        """
        tallies = {bucket: Tally() for bucket in self._buckets}
        for bucket, reason in self._unlisted.items():
            tallies[bucket].failures[ALL] = reason
        remaining = iter(places)
        failed: BaseExceptionGroup[StoreError] | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONCURRENCY):
                    group.create_task(self._work(remaining, tallies, copied))
        except* StoreError as errors:
            failed = errors
        if failed:  # raised here, because CPython 3.11.2 wraps what an `except*` clause raises in a group
            raise failed.exceptions[0] from failed
        return tallies

    async def _keys(self, bucket: str) -> list[str]:
        try:
            return [key for key in await self._source.keys(bucket) if key != PROBE]
        except CorruptValue as error:
            self._unlisted[bucket] = str(error)
            return []

    async def _work(self, remaining: Iterator[Place], tallies: Mapping[str, Tally], copied: Callable[[], None]) -> None:
        for place in remaining:
            tally = tallies[place.bucket]
            tally.keys += 1
            try:
                place.key.encode()
                await self._copy_one(place, tally)
            except UnicodeEncodeError:
                tally.failures[place.key] = "its key is not UTF-8"
            except (DecodeError, CorruptValue) as error:
                tally.failures[place.key] = str(error)
            copied()

    async def _copy_one(self, place: Place, tally: Tally) -> None:
        join = self._types[place.bucket].merge
        value, siblings = await self._merged(self._source, place)
        if place in self._besides:
            value, siblings = join(value, self._besides[place]), siblings + 1
        if not siblings:
            return  # removed after the keys were listed
        tally.siblings += siblings

        def change(held: Any, before: bool | None) -> tuple[Any, bool]:
            return value, bool(before) or join(held, value) != held

        written = await self._buckets[place.bucket].update(place.key, change)
        tally.written += written  # an await in this statement would lose what other tasks add meanwhile
        held, _ = await self._merged(self._target, place)
        if join(held, value) != held:
            tally.failures[place.key] = "the target does not contain all of it: another process removed some meanwhile"

    async def _merged(self, store: Store, place: Place) -> tuple[Any, int]:
        """Return the merged value and the number of its siblings."""
        type_ = self._types[place.bucket]
        fetched = await store.fetch(place.bucket, place.key)
        values = fetched.values if fetched else ()
        return type_.join(map(type_.decode, values)), len(values)
