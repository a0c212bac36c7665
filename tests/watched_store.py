"""A real store with switches that count calls, delay puts, and lose requests or replies."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from notification.domain.errors import NotStored, StoreUnavailable
from notification.storage.store import Capabilities, Context, Fetched, Store, Stored


class WatchedStore:
    """Passes everything on to `store`.

    `asked` counts calls by name; under "values", it counts the fetches that returned values. The next `lose_requests`
    puts fail before they reach the store, and the next `lose_replies` puts fail afterwards. While `open` is cleared,
    puts wait. `max_siblings` is 1 by default, as it is for Riak.
    """

    capabilities = Capabilities()

    def __init__(self, store: Store, max_siblings: int = 1) -> None:
        self._store = store
        self.capabilities = replace(store.capabilities, max_siblings=max_siblings, reads_synchronously=True)
        self.asked: Counter[str] = Counter()
        self.lose_requests = 0
        self.lose_replies = 0
        self.most_siblings = 0
        self.open = asyncio.Event()
        self.open.set()

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        self.asked["fetch"] += 1
        fetched = await self._store.fetch(bucket, key, unless)
        self.asked["values"] += fetched is not None
        return fetched

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
        self.asked["put"] += 1
        await self.open.wait()
        if self.lose_requests:
            self.lose_requests -= 1
            raise NotStored("the request was lost")
        stored = await self._store.put(bucket, key, value, context, as_sibling=as_sibling, if_unchanged=if_unchanged)
        self.most_siblings = max(self.most_siblings, stored.siblings)
        if self.lose_replies:
            self.lose_replies -= 1
            raise StoreUnavailable("the reply was lost")
        return stored

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        self.asked["delete"] += 1
        await self._store.delete(bucket, key, context)

    async def keys(self, bucket: str) -> list[str]:
        return await self._store.keys(bucket)

    async def health(self) -> Mapping[str, str | None]:
        return await self._store.health()

    async def close(self) -> None:
        await self._store.close()
