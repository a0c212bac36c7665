"""Memory, start-up time and streams of one process."""

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks.feeds import fill
from benchmarks.processes import cpu_seconds, resident, service

CACHED = 10_000
STREAMS = 1_000


class Figure(NamedTuple):
    """A measurement with its unit and, if there is a target, its maximum."""

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the value is within its maximum."""
        return self.at_most is None or self.value <= self.at_most


def figures(folder: Path) -> list[Figure]:
    """Run all measurements."""
    (folder / "memory").mkdir()
    asyncio.run(fill(folder / "memory" / "feeds.db", {f"user-{number}": 100 for number in range(CACHED)}))
    began = time.perf_counter()
    with service(folder / "memory") as (url, process):
        started = time.perf_counter() - began
        idle = resident(process.pid)
        asyncio.run(_read_all(url, 1000))
        thousand = resident(process.pid)
        asyncio.run(_read_all(url, CACHED))
        cached = resident(process.pid)
    with service(folder / "memory") as (url, process):
        streams, busy = asyncio.run(_streams(url, process.pid))
    return [
        Figure("start to the first reply", started, "s"),
        Figure("idle", idle, "MB", 70),
        Figure("1,000 cached feeds of 100", thousand, "MB"),
        Figure("10,000 cached feeds of 100", cached, "MB", 400),
        Figure("1,000 open streams, more than idle", streams, "MB", 60),
        Figure("1,000 idle streams, of a core", busy, "%", 5),
    ]


async def _read_all(url: str, users: int) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=32)) as http:

        async def read(number: int) -> None:
            async with http.get(f"{url}/v1/notifications/user-{number}") as reply:
                await reply.read()

        for start in range(0, users, 500):
            await asyncio.gather(*(read(number) for number in range(start, start + 500)))


async def _streams(url: str, pid: int) -> tuple[float, float]:
    before = resident(pid)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(None)) as http:
        replies = [await http.get(f"{url}/v1/notifications/user-{number}/stream") for number in range(STREAMS)]
        await asyncio.gather(*(reply.content.readuntil(b"event: counts") for reply in replies))
        after = resident(pid)
        spent = cpu_seconds(pid)
        await asyncio.sleep(20)
        busy = (cpu_seconds(pid) - spent) / 20 * 100
        for reply in replies:
            reply.close()
    return after - before, busy
