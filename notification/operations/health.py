"""The health check: whether the service can do its work, and which parts of its store are healthy."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from notification.domain.errors import StoreError
from notification.storage.store import PROBE, Store
from siblings import FEED, Feed

TIMEOUT: Final = 6.0
"""Maximum seconds of a check. It is slightly longer than the timeouts of stores for their parts."""
REUSE_PERIOD: Final = 1.0
"""Seconds for which a result is reused. Frequent requests must not repeat a check, because it writes."""
RECENT: Final = 900.0
"""Seconds for which a check reports a corrupt value. The alert for corrupt values has the same period."""
MAX_RECENT: Final = 1000
"""Maximum number of corrupt values that are remembered. The metric counts all of them."""


class Health(NamedTuple):
    """The result of a check. `parts` maps `store`, each part of the store and each other check to its problem, or to
    `None` if it is healthy."""

    well: bool
    parts: Mapping[str, str | None]


class CorruptValues:
    """Remembers when this process read corrupt values. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._met: deque[tuple[float, str]] = deque(maxlen=MAX_RECENT)

    def note(self, bucket: str) -> None:
        """Record a corrupt value in `bucket`."""
        self._met.append((self._clock(), bucket))

    def problem(self) -> str | None:
        """Describe how many corrupt values were read recently from each bucket; `None` if there were none."""
        while self._met and self._met[0][0] < self._clock() - RECENT:
            self._met.popleft()
        buckets = [bucket for _, bucket in self._met]
        counts = ", ".join(f"{bucket}: {buckets.count(bucket)}" for bucket in sorted(set(buckets)))
        return f"read in the last 15 minutes, {counts}; the log names them" if counts else None


class HealthCheck:
    """Reads from `bucket` and writes to it as a request does, and checks the parts of the store.

    The service is healthy if both succeed and at least one part of the store is healthy. A single node that is down
    does not make the service unhealthy, because requests go to the other nodes, and taking all instances out of
    rotation would cause an outage. Corrupt values and unreadable rules do not make it unhealthy either, because other
    requests succeed. The result lists all of these problems.

    A check takes at most `timeout` seconds. Calls within `REUSE_PERIOD` seconds get the same result.
    """

    def __init__(
        self,
        store: Store,
        bucket: str,
        timeout: float = TIMEOUT,
        *,
        rules: Callable[[], Awaitable[object]] | None = None,
        corrupt: CorruptValues | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._timeout = timeout
        self._rules = rules
        self._corrupt = corrupt
        self._clock = clock
        self._verdict: asyncio.Task[Health] | None = None
        self._expires = float("-inf")

    async def check(self) -> Health:
        """Return the current result. It contains the errors of the store; this method does not raise them."""
        if self._verdict is None or (self._verdict.done() and self._clock() >= self._expires):
            self._verdict = asyncio.create_task(self._look(), name="health check")
        return await asyncio.shield(self._verdict)  # a cancelled caller must not cancel the check for other callers

    async def _look(self) -> Health:
        problem, parts, degraded = await asyncio.gather(self._within(self._probe()), self._parts(), self._degraded())
        if problem is None and all(reason is not None for reason in parts.values()):
            problem = "no part of it is healthy"
        self._expires = self._clock() + REUSE_PERIOD
        return Health(problem is None, {"store": problem, **parts, **degraded})

    async def _probe(self) -> None:
        """Read and write a value. The new value replaces the values of all earlier checks."""
        fetched = await self._store.fetch(self._bucket, PROBE)
        await self._store.put(self._bucket, PROBE, FEED.encode(Feed()), fetched.context if fetched else None)

    async def _degraded(self) -> Mapping[str, str | None]:
        """Return the problems that affect some users only and do not make the service unhealthy."""
        rules = await self._within(self._rules()) if self._rules else None
        checks = {"rules": rules, "corrupt values": self._corrupt.problem() if self._corrupt else None}
        return {name: problem for name, problem in checks.items() if problem is not None}

    async def _within(self, doing: Awaitable[object]) -> str | None:
        try:
            async with asyncio.timeout(self._timeout):
                await doing
        except StoreError as error:
            return str(error)
        except TimeoutError:
            return f"no answer within {self._timeout} s"
        return None

    async def _parts(self) -> Mapping[str, str | None]:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._store.health()
        except TimeoutError:
            return {}
