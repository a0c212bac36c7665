"""Memory and start-up time of one process."""

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks.feeds import fill
from benchmarks.processes import Setup, resident, service

CACHED = 10_000
UNLIMITED = "64 GiB"
PAGE, COUNT = "/v1/notifications/user-{}", "/v1/notifications/user-{}/count"


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


def figures(setup: Setup) -> list[Figure]:
    """Run all measurements."""
    folder = setup.folder / "memory"
    folder.mkdir()
    asyncio.run(fill(folder / "feeds.db", {f"user-{number}": 100 for number in range(CACHED)}))
    began = time.perf_counter()
    with service(setup, folder) as (url, process):
        started = time.perf_counter() - began
        idle = resident(process.pid)
        asyncio.run(_read_all(url, PAGE, 1000))
        thousand = resident(process.pid)
        asyncio.run(_read_all(url, PAGE))
        cached = resident(process.pid)
    return [
        Figure("start to the first reply", started, "s"),
        Figure("idle", idle, "MB", 60),
        Figure("1,000 cached feeds of 100", thousand, "MB"),
        Figure("10,000 cached feeds of 100", cached, "MB", 400),
        *_parts(setup, folder),
    ]


def _parts(setup: Setup, folder: Path) -> list[Figure]:
    """Measure the memory that 10,000 feeds of 100 take in each cache if the caches have no limit.

    Each figure is a difference of resident memory. A count makes a view without a page. Reading the page afterwards
    adds the page and its rendered form.
    """
    nothing, *_ = _resident(setup, folder, "feeds: 0, views: 0, cursors: 0", COUNT)
    feeds, *_ = _resident(setup, folder, f"feeds: {UNLIMITED}, views: 0, cursors: 0", COUNT)
    cursors, *_ = _resident(setup, folder, f"feeds: {UNLIMITED}, views: 0, cursors: {UNLIMITED}", COUNT)
    views, pages = _resident(
        setup, folder, f"feeds: {UNLIMITED}, views: {UNLIMITED}, cursors: {UNLIMITED}", COUNT, PAGE
    )
    steps = {"feeds": feeds - nothing, "cursors": cursors - feeds, "views": views - cursors, "pages": pages - views}
    return [Figure(f"10,000 feeds of 100, no limit: {name}", step, "MB") for name, step in steps.items()]


def _resident(setup: Setup, folder: Path, caches: str, *paths: str) -> list[float]:
    """Run the service with these caches, read each path for all users, and return the resident memory after each."""
    measured = []
    with service(setup, folder, f"cache: {{{caches}}}\n") as (url, process):
        for path in paths:
            asyncio.run(_read_all(url, path))
            measured.append(resident(process.pid))
    return measured


async def _read_all(url: str, path: str, users: int = CACHED) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=32)) as http:

        async def read(number: int) -> None:
            async with http.get(url + path.format(number)) as reply:
                reply.raise_for_status()
                await reply.read()

        for start in range(0, users, 500):
            await asyncio.gather(*(read(number) for number in range(start, start + 500)))
