"""Whether the service can do its work, and which parts of its store are well."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from notification.domain.errors import StoreError
from notification.storage.store import PROBE, Store
from siblings import FEED, Feed

PATIENCE: Final = 6.0
"""Seconds that a check may take: a little longer than stores give their own parts."""
KEPT: Final = 1.0
"""Seconds for which a verdict stands: a check writes, and many may ask."""
RECENT: Final = 900.0
"""Seconds for which a corrupt value is shown: as long as its alert looks back."""
MAX_RECENT: Final = 1000
"""Corrupt values that are remembered; the metric counts all."""


class Health(NamedTuple):
    """What a check found. `parts`: `store`, its parts and what else was checked, each with what ails it, or `None`."""

    well: bool
    parts: Mapping[str, str | None]


class CorruptValues:
    """Remembers when this process met values that do not decode. `clock`: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._met: deque[tuple[float, str]] = deque(maxlen=MAX_RECENT)

    def note(self, bucket: str) -> None:
        """One was met now."""
        self._met.append((self._clock(), bucket))

    def ailment(self) -> str | None:
        """How many were met lately, by bucket."""
        while self._met and self._met[0][0] < self._clock() - RECENT:
            self._met.popleft()
        buckets = [bucket for _, bucket in self._met]
        counts = ", ".join(f"{bucket}: {buckets.count(bucket)}" for bucket in sorted(set(buckets)))
        return f"met in the last 15 minutes, {counts}; the log names them" if counts else None


class HealthCheck:
    """Reads from `bucket` and writes to it as a request would, and has the store look at its parts.

    The store is well where that works and one part at least is well. A node that is out is shown and no more: its
    requests go to the others, and taking every instance of the service out of rotation would help nobody. So are
    corrupt values, and rules that can't be read: others are served.

    Whatever hangs, a check takes `patience` seconds at most. All who ask within `KEPT` seconds get the same verdict.
    """

    def __init__(
        self,
        store: Store,
        bucket: str,
        patience: float = PATIENCE,
        *,
        rules: Callable[[], Awaitable[object]] | None = None,
        corrupt: CorruptValues | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._patience = patience
        self._rules = rules
        self._corrupt = corrupt
        self._clock = clock
        self._verdict: asyncio.Task[Health] | None = None
        self._expires = float("-inf")

    async def check(self) -> Health:
        """The present verdict. Raises nothing."""
        if self._verdict is None or (self._verdict.done() and self._clock() >= self._expires):
            self._verdict = asyncio.create_task(self._look(), name="health check")
        return await asyncio.shield(self._verdict)  # one who leaves takes it from nobody

    async def _look(self) -> Health:
        ailment, parts, degraded = await asyncio.gather(self._within(self._probe()), self._parts(), self._degraded())
        if ailment is None and all(reason is not None for reason in parts.values()):
            ailment = "no part of it is well"
        self._expires = self._clock() + KEPT
        return Health(ailment is None, {"store": ailment, **parts, **degraded})

    async def _probe(self) -> None:
        """Whoever puts replaces what every process before it has put."""
        found = await self._store.fetch(self._bucket, PROBE)
        await self._store.put(self._bucket, PROBE, FEED.encode(Feed()), found.context if found else None)

    async def _degraded(self) -> Mapping[str, str | None]:
        """What costs some users something, and does not take the service out of rotation; only what is unwell."""
        rules = await self._within(self._rules()) if self._rules else None
        found = {"rules": rules, "corrupt values": self._corrupt.ailment() if self._corrupt else None}
        return {name: ailment for name, ailment in found.items() if ailment is not None}

    async def _within(self, doing: Awaitable[object]) -> str | None:
        try:
            async with asyncio.timeout(self._patience):
                await doing
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
