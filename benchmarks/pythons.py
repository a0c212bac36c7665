"""The same loads on two versions of Python, with the same file and the same client."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.feeds import fill
from benchmarks.http import MANY, read_twice
from benchmarks.processes import Setup, bare_handler, service
from benchmarks.ratios import Comparison, Rate
from benchmarks.wrk import Load

FEED = "seen-1000"
PATH = f"/v1/notifications/{FEED}"


class _Loads(NamedTuple):
    get: partial[Rate]
    post: partial[Rate]


@contextmanager
def comparisons(setup: Setup, other: str) -> Iterator[list[Comparison]]:
    """Run the service and the bare handler on `other`, another Python, and on that of `setup`."""
    label = f"Python {version(other)} / {version(setup.python)}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=setup.folder)))
        asyncio.run(fill(folder / "feeds.db", {**{f"ten-{number}": 10 for number in range(MANY)}, FEED: 1000}))
        ours, limit = (_loads(stack, setup._replace(python=python), folder, python) for python in (other, setup.python))
        yield [
            Comparison(f"{label}: {name}", new, old, request_lines=True)
            for name, new, old in (
                ("GET 20 of 1000", ours[0].get, limit[0].get),
                ("POST, feeds of 10", ours[0].post, limit[0].post),
                ("bare GET", ours[1].get, limit[1].get),
                ("bare POST", ours[1].post, limit[1].post),
            )
        ]


def version(python: str) -> str:
    """Return the version of a Python."""
    command = [python, "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _loads(stack: ExitStack, setup: Setup, filled: Path, python: str) -> tuple[_Loads, _Loads]:
    """Run the service on a copy of the file, and the bare handler with the same body; return the loads of each."""
    folder = filled / version(python)
    bodies = folder / "bodies"
    bodies.mkdir(parents=True)
    shutil.copy(filled / "feeds.db", folder)
    url, process = stack.enter_context(service(setup, folder))
    (bodies / FEED).write_bytes(read_twice(url + PATH))
    bare_url, bare = stack.enter_context(bare_handler(setup, bodies))

    def loads(url: str, pid: int) -> _Loads:
        both = Load(url, PATH, connections=32), Load(url, "ten-", connections=64, users=MANY)
        return _Loads(*(partial(load.run, setup.seconds, folder, pid) for load in both))

    return loads(url, process.pid), loads(bare_url, bare.pid)
