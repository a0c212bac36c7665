"""A store that tells an observer of every call. For stores of one part; Riak's client tells of each node itself.

Outcomes, of nodes too: `ok`; `unavailable`, no usable answer; `refused`, an answer that no other node would better;
`cancelled`, nobody waits for the answer any more, mostly because a deadline has passed.
"""

import time
from collections.abc import Awaitable, Mapping
from typing import TypeVar

from notification.domain.errors import StoreError, StoreUnavailable
from notification.storage.observer import StorageObserver
from notification.storage.store import Context, Fetched, Store, Stored

T = TypeVar("T")


class ObservedStore:
    """Passes everything on to `store`; `observer` hears of it as calls of the node `node`."""

    def __init__(self, store: Store, node: str, observer: StorageObserver) -> None:
        self.siblings_kept = store.siblings_kept
        self.answers_at_once = store.answers_at_once
        self.puts_alone = store.puts_alone
        self._store = store
        self._node = node
        self._observer = observer

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        """As the store does."""
        return await self._observed("get", self._store.fetch(bucket, key, unless))

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
        """As the store does."""
        return await self._observed(
            "put", self._store.put(bucket, key, value, context, as_sibling=as_sibling, if_unchanged=if_unchanged)
        )

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        """As the store does."""
        await self._observed("delete", self._store.delete(bucket, key, context))

    async def keys(self, bucket: str) -> list[str]:
        """As the store does."""
        return await self._observed("list_keys", self._store.keys(bucket))

    async def health(self) -> Mapping[str, str | None]:
        """As the store does."""
        return await self._store.health()

    async def close(self) -> None:
        """As the store does."""
        await self._store.close()

    async def _observed(self, operation: str, call: Awaitable[T]) -> T:
        began = time.perf_counter()
        outcome = "cancelled"
        try:
            answer = await call
            outcome = "ok"
        except StoreError as error:
            outcome = "unavailable" if isinstance(error, StoreUnavailable) else "refused"
            raise
        finally:
            self._observer.store_call(self._node, operation, outcome, time.perf_counter() - began)
        return answer
