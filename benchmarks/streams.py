"""Idle streams of one process: their memory and CPU time, and the time to deliver an event to all of them.

`python -m benchmarks.streams` runs these measurements alone.
"""

import asyncio
import resource
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import aiohttp

from benchmarks.feeds import fill
from benchmarks.memory import Figure
from benchmarks.processes import Setup, cpu_seconds, resident, service

FEW, MANY = 1_000, 10_000
FEED = 100
"""Notifications in each feed of the first measurement."""
IDLE = 30
"""Seconds of the measurement of CPU time: two heartbeats of every stream."""
AT_ONCE = 50
"""Number of streams that are opened at the same time."""
USERS = 1_000
"""Number of users of one fan-out request."""


class Stream(asyncio.Protocol):
    """A client of one stream, on a socket without an HTTP library, so that 10,000 clients fit into one process.

    `awaited`: the name of an event. The future `arrived` is done once such an event has arrived.
    """

    def __init__(self, username: str, awaited: bytes) -> None:
        self._username = username
        self._received = b""
        self.expect(awaited)

    def expect(self, awaited: bytes) -> None:
        """Wait for another event."""
        self._awaited = b"event: " + awaited
        self._received = b""
        self.arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(f"GET /v1/notifications/{self._username}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Look for the event."""
        self._received += data
        if self._awaited in self._received and not self.arrived.done():
            self.arrived.set_result(None)


def figures(setup: Setup) -> list[Figure]:
    """Run all measurements. This raises the limit on open files to the hard limit, which must be above `MANY`."""
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    results = []
    for count, size, megabytes in ((FEW, FEED, 20), (FEW, 0, 20), (MANY, 0, 200)):
        place = setup.folder / f"streams-{count}-{size}"
        place.mkdir()
        asyncio.run(fill(place / "feeds.db", {f"user-{number}": size for number in range(count) if size}))
        with service(setup, place) as (url, process):
            results += asyncio.run(_measure(url, process.pid, count, f"{count:,} streams, feeds of {size}", megabytes))
    return results


async def _measure(url: str, pid: int, count: int, name: str, megabytes: float) -> list[Figure]:
    before = resident(pid)
    streams = await _open(url, [f"user-{number}" for number in range(count)])
    more = resident(pid) - before
    spent = cpu_seconds(pid)
    await asyncio.sleep(IDLE)
    busy = (cpu_seconds(pid) - spent) / IDLE * 100
    return [
        Figure(f"{name}: more than idle", more, "MB", megabytes),
        Figure(f"{name}: of a core while idle", busy, "%", 5),
        Figure(f"{name}: first fan-out to the last delivery", await _fan_out(url, streams), "s", 2),
        Figure(f"{name}: second fan-out", await _fan_out(url, streams), "s", 2),
    ]


async def _open(url: str, usernames: list[str]) -> list[Stream]:
    host, port = url.removeprefix("http://").split(":")
    streams: list[Stream] = []

    async def open_one(username: str) -> None:
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(lambda: Stream(username, b"counts"), host, int(port))
        streams.append(stream)
        await stream.arrived

    for start in range(0, len(usernames), AT_ONCE):
        await asyncio.gather(*(open_one(username) for username in usernames[start : start + AT_ONCE]))
    return streams


async def _fan_out(url: str, streams: Iterable[Stream]) -> float:
    """Return the seconds from the first request to the last delivery."""
    arrived = []
    for stream in streams:
        stream.expect(b"notification")
        arrived.append(stream.arrived)
    began = time.perf_counter()
    async with aiohttp.ClientSession() as http:
        for start in range(0, len(arrived), USERS):
            usernames = [f"user-{number}" for number in range(start, start + USERS)]
            body = {"usernames": usernames, "category": "like", "message": "hello", "properties": {"post": "1"}}
            async with http.post(f"{url}/v1/notifications", json=body) as reply:
                await reply.read()
                reply.raise_for_status()
    await asyncio.wait(arrived)
    return time.perf_counter() - began


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for figure in figures(Setup(Path(name), 0)):
            print(f"{figure.name:60} {figure.value:8.2f} {figure.unit}")
