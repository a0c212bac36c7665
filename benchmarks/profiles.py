"""Where the CPU time of a GET and of a POST goes, by layer, in the configuration as shipped."""

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.feeds import fill
from benchmarks.http import MANY, read_twice
from benchmarks.layers import shares
from benchmarks.processes import Setup, service
from benchmarks.wrk import Load

FEED = "seen-1000"


class Profile(NamedTuple):
    """The CPU microseconds of a request without the profiler and with it, and the share of each layer."""

    name: str
    cpu: float
    cpu_profiled: float
    layers: dict[str, float]


def profiles(setup: Setup) -> list[Profile]:
    """Profile a GET of 20 out of 1000 and a POST to many users."""
    with TemporaryDirectory(dir=setup.folder) as name:
        folder = Path(name)
        asyncio.run(fill(folder / "feeds.db", {**{f"ten-{number}": 10 for number in range(MANY)}, FEED: 1000}))
        file = folder / "profile.json"
        with service(setup, folder, program=("-m", "benchmarks.profiled", str(file))) as (url, process):
            read_twice(f"{url}/v1/notifications/{FEED}")
            get, post = Load(url, f"/v1/notifications/{FEED}"), Load(url, "ten-", connections=64, users=MANY)
            return [
                _profile(name, load, setup.seconds, file, process.pid)
                for name, load in (("GET 20 of 1000", get), ("POST, feeds of 10", post))
            ]


def _profile(name: str, load: Load, seconds: float, file: Path, pid: int) -> Profile:
    load.run(seconds, file.parent, pid)
    plain = load.run(seconds, file.parent, pid)
    os.kill(pid, signal.SIGUSR1)
    profiled = load.run(2 * seconds, file.parent, pid)
    os.kill(pid, signal.SIGUSR2)
    return Profile(name, plain.cpu, profiled.cpu, shares(_read(file)))


def _read(file: Path, timeout: float = 10) -> dict[str, float]:
    """Wait for the file, read it and remove it. Raises `TimeoutError`."""
    end = time.monotonic() + timeout
    while not file.exists():
        if time.monotonic() > end:
            raise TimeoutError(file)
        time.sleep(0.01)
    seconds: dict[str, float] = json.loads(file.read_text())
    file.unlink()
    return seconds
