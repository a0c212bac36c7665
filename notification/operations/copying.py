"""Copy everything from one store to another.

Each value is merged into the target in the same way as every change. So a copy can be interrupted and repeated, both
stores can serve requests meanwhile, and neither loses anything.
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
"""Keys copied at the same time; enough to share each fsync of the embedded store, or to hide Riak's round trips."""

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
    """Copies from `source` to `target`. `buckets` are those of the target, `types` the types of their values.

    `besides`: values that the source keeps elsewhere. Each counts as one more sibling of its key.
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
        """Copy these keys, and call `copied` after each. A value that does not decode is skipped and reported.

        Every key is read back from the target before it counts as copied. Raises `StoreUnavailable`; some keys may be
        copied then, and the copy can be repeated.
        """
        tallies = {bucket: Tally() for bucket in self._buckets}
        for bucket, reason in self._unlisted.items():
            tallies[bucket].failures[ALL] = reason
        left = iter(places)
        failed: BaseExceptionGroup[StoreError] | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONCURRENCY):
                    group.create_task(self._work(left, tallies, copied))
        except* StoreError as errors:
            failed = errors
        if failed:  # not raised above: CPython 3.11.2 wraps an exception that an `except*` clause raises in a group
            raise failed.exceptions[0] from failed
        return tallies

    async def _keys(self, bucket: str) -> list[str]:
        try:
            return [key for key in await self._source.keys(bucket) if key != PROBE]
        except CorruptValue as error:
            self._unlisted[bucket] = str(error)
            return []

    async def _work(self, left: Iterator[Place], tallies: Mapping[str, Tally], copied: Callable[[], None]) -> None:
        for place in left:
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
        tally.written += written  # not in one statement: other tasks count during the await
        held, _ = await self._merged(self._target, place)
        if join(held, value) != held:
            tally.failures[place.key] = "the target does not contain all of it: another process removed some meanwhile"

    async def _merged(self, store: Store, place: Place) -> tuple[Any, int]:
        """Return the merged value and the number of its siblings."""
        type_ = self._types[place.bucket]
        fetched = await store.fetch(place.bucket, place.key)
        values = fetched.values if fetched else ()
        return type_.join(map(type_.decode, values)), len(values)
