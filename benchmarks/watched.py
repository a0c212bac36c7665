"""Creates with and without an idempotency key, on full feeds that one listener watches."""

import asyncio
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO

from benchmarks.feeds import fill
from benchmarks.processes import WITHOUT_LINES, Setup, service
from benchmarks.ratios import Comparison
from benchmarks.wrk import Load

KEYED, PLAIN = "keyed-a-", "keyed-b-"
"""Prefixes of the feeds' names. All notifications of both feeds have an idempotency key."""
CONCURRENCY = 16


@contextmanager
def comparisons(setup: Setup, request_lines: bool) -> Iterator[list[Comparison]]:
    """Run the service and yield the comparison, with or without a log line for each request."""
    with TemporaryDirectory(dir=setup.folder) as name:
        folder = Path(name)
        asyncio.run(fill(folder / "feeds.db", {f"{KEYED}0": 1000, f"{PLAIN}0": 1000}))
        with service(setup, folder, "" if request_lines else WITHOUT_LINES) as (url, process):
            watch(url, f"{KEYED}0")
            watch(url, f"{PLAIN}0")
            plain = Load(url, PLAIN, connections=CONCURRENCY, users=1)
            keyed = Load(url, KEYED, connections=CONCURRENCY, users=1, keyed=True)
            ours, limit = (partial(load.run, setup.seconds, folder, process.pid) for load in (keyed, plain))
            yield [Comparison("POST with key / without, full feed, one watcher", ours, limit, request_lines, 0.77)]


def watch(url: str, username: str) -> None:
    """Read the user's stream until the service ends."""
    stream = urllib.request.urlopen(f"{url}/v1/notifications/{username}/stream")
    Thread(target=_drain, args=(stream,), daemon=True).start()


def _drain(stream: IO[bytes]) -> None:
    with suppress(OSError), stream:
        while stream.read1(65536):  # type: ignore[attr-defined]
            pass
