"""Copying everything from one store to another, whichever they are.

What is copied is merged into what is there, by the same path as every change. So a copy may be broken off and
repeated, both stores may serve meanwhile, and nothing that either of them knows is lost.
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
"""Keys under way: enough that one fsync of the embedded store, or one round trip to Riak, serves many."""

ALL: Final = "*"
"""Stands for a bucket's keys where they can't be listed."""


class Place(NamedTuple):
    """A key in a bucket."""

    bucket: str
    key: str


@dataclass(slots=True)
class Tally:
    """What became of the keys of one bucket. `failures`: those that were left out, each with its reason.

    `keys` are all that were looked at; `written` are those where the target has learned something.
    """

    keys: int = 0
    siblings: int = 0
    written: int = 0
    failures: dict[str, str] = field(default_factory=dict)


class Copier:
    """Copies from `source` to `target`, whose `buckets` write and whose `types` say what is in them."""

    def __init__(
        self, source: Store, target: Store, buckets: Iterable[Bucket[Any]], types: Mapping[str, Mergeable[Any]]
    ) -> None:
        self._source = source
        self._target = target
        self._buckets = {bucket.name: bucket for bucket in buckets}
        self._types = types
        self._unlisted: dict[str, str] = {}

    async def places(self) -> list[Place]:
        """Everything that the source holds now. A bucket whose keys can't be listed is a failure of the key `*`.

        Raises `StoreUnavailable`.
        """
        return [Place(bucket, key) for bucket in self._buckets for key in await self._keys(bucket)]

    async def copy(self, places: Iterable[Place], copied: Callable[[], None]) -> Mapping[str, Tally]:
        """Copy these, and call `copied` after each. What does not decode is left out, and told.

        Every key is read back from the target before it counts as copied. Raises `StoreUnavailable`: then some may be
        copied; the copy may be repeated.
        """
        tallies = {bucket: Tally() for bucket in self._buckets}
        for bucket, reason in self._unlisted.items():
            tallies[bucket].failures[ALL] = reason
        left = iter(places)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONCURRENCY):
                    group.create_task(self._work(left, tallies, copied))
        except* StoreError as errors:
            raise _first(errors) from errors
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
        value, siblings = await self._merged(self._source, place)
        if not siblings:
            return  # it was removed since the keys were listed
        tally.siblings += siblings
        join = self._types[place.bucket].merge

        def change(held: Any, before: bool | None) -> tuple[Any, bool]:
            return value, bool(before) or join(held, value) != held

        written = await self._buckets[place.bucket].update(place.key, change)
        tally.written += written  # not in one statement: others count while this one waits
        held, _ = await self._merged(self._target, place)
        if join(held, value) != held:
            tally.failures[place.key] = "it is not all there afterwards: something else removed it meanwhile"

    async def _merged(self, store: Store, place: Place) -> tuple[Any, int]:
        """The value, and how many siblings it was merged from."""
        type_ = self._types[place.bucket]
        fetched = await store.fetch(place.bucket, place.key)
        values = fetched.values if fetched else ()
        return type_.join(map(type_.decode, values)), len(values)


def _first(errors: BaseExceptionGroup[StoreError]) -> BaseException:
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
