"""Check that everything in a store can be read, by decoding every sibling and its entries."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from notification.domain.errors import CorruptValue, StoreError
from notification.domain.payload import decode_notification, decode_rule
from notification.storage.store import PROBE, Store
from siblings import Cursor, DecodeError, Feed, Mergeable, RuleMap

CONCURRENCY: Final = 32
"""Number of keys that are checked at the same time. It is high enough to keep every Riak node busy."""
ALL: Final = "*"
"""Stands for all keys of a bucket whose keys can't be listed."""


@dataclass(slots=True)
class Checked:
    """The result for one bucket. `problems` maps each key whose value can't be read completely to the reason."""

    keys: int = 0
    siblings: int = 0
    problems: dict[str, str] = field(default_factory=dict)


class Checker:
    """Checks every bucket of `types` in `store`. It writes nothing."""

    def __init__(self, store: Store, types: Mapping[str, Mergeable[Any]]) -> None:
        self._store = store
        self._types = types
        self._results = {bucket: Checked() for bucket in types}

    async def places(self) -> list[tuple[str, str]]:
        """Return the bucket and key of every stored value. Raises `StoreUnavailable`."""
        return [(bucket, key) for bucket in self._types for key in await self._keys(bucket)]

    async def check(self, places: Iterable[tuple[str, str]], checked: Callable[[], None]) -> Mapping[str, Checked]:
        """Check these values, call `checked` after each, and return the results by bucket.

        Raises `StoreUnavailable`.
        """
        remaining = iter(places)
        failed: BaseExceptionGroup[StoreError] | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONCURRENCY):
                    group.create_task(self._work(remaining, checked))
        except* StoreError as errors:
            failed = errors
        if failed:  # raised here, because CPython 3.11.2 wraps what an `except*` clause raises in a group
            raise failed.exceptions[0] from failed
        return self._results

    async def _keys(self, bucket: str) -> list[str]:
        try:
            return [key for key in await self._store.keys(bucket) if key != PROBE]
        except CorruptValue as error:
            self._results[bucket].problems[ALL] = str(error)
            return []

    async def _work(self, remaining: Iterator[tuple[str, str]], checked: Callable[[], None]) -> None:
        for bucket, key in remaining:
            result = self._results[bucket]
            result.keys += 1
            try:
                siblings = await self._check_one(bucket, key)
                result.siblings += siblings  # an await in this statement would lose what other tasks add meanwhile
            except (DecodeError, CorruptValue) as error:
                result.problems[key] = str(error)
            checked()

    async def _check_one(self, bucket: str, key: str) -> int:
        fetched = await self._store.fetch(bucket, key)
        values = fetched.values if fetched else ()
        for value in values:
            check_value(self._types[bucket].decode(value))
        return len(values)


def check_value(value: Feed | Cursor | RuleMap) -> None:
    """Decode every entry of a value. Raises `DecodeError`."""
    if isinstance(value, Feed):
        for id_, payload in value.live():
            decode_notification(id_, payload)
    elif isinstance(value, RuleMap):
        for _, rule in value.live():
            if rule:  # the names of cursors carry no rule
                decode_rule(rule)
