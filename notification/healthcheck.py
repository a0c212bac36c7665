"""Whether the service can do its work, and which parts of its store are well."""

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple

from notification.errors import StoreError
from notification.stores.interface import Store

PATIENCE: Final = 6.0
"""Seconds that a check may take: a little longer than stores give their own parts."""
NOBODY: Final = "health check"
"""A key to read that is nobody's: usernames have no spaces."""


class Health(NamedTuple):
    """What a check found. `parts`: `store`, each of its parts, and what ails it; `None` where it is well."""

    well: bool
    parts: Mapping[str, str | None]


class HealthCheck:
    """Reads from `bucket` as a request would, and has the store look at its parts; both within `patience` seconds.

    The store is well where a read works and one part at least is well. A node that is out is shown and no more: its
    requests go to the others, and taking every instance of the service out of rotation would help nobody.
    """

    def __init__(self, store: Store, bucket: str, patience: float = PATIENCE) -> None:
        self._store = store
        self._bucket = bucket
        self._patience = patience

    async def check(self) -> Health:
        """Check now. Raises nothing."""
        ailment, parts = await asyncio.gather(self._read(), self._parts())
        if ailment is None and all(reason is not None for reason in parts.values()):
            ailment = "no part of it is well"
        return Health(ailment is None, {"store": ailment, **parts})

    async def _read(self) -> str | None:
        try:
            async with asyncio.timeout(self._patience):
                await self._store.fetch(self._bucket, NOBODY)
        except StoreError as error:
            return str(error)
        except TimeoutError:
            return f"no answer within {self._patience} s"
        return None

    async def _parts(self) -> Mapping[str, str | None]:
        try:
            async with asyncio.timeout(self._patience):
                return await self._store.health()
        except TimeoutError:
            return {}
