"""HTTP on the embedded store, compared with a bare aiohttp handler that returns the same bytes."""

import asyncio
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.feeds import fill
from benchmarks.processes import free_port, running, service, wait_for
from benchmarks.ratios import Comparison, Rate
from benchmarks.wrk import Load

MANY = 5000
FULL = 200
SIZES = (20, 100, 1000)
RULES = "rules: {like: {max_size: 10}, comment: {match_on: post}, follow: {max_size: 3, max_duration: 1 hour}}\n"


class Server(NamedTuple):
    """The URL and the process of a server."""

    url: str
    pid: int


@contextmanager
def comparisons(folder: Path, seconds: float) -> Iterator[list[Comparison]]:
    """Run the servers and yield the comparisons."""
    with ExitStack() as stack:
        plain, plain_limit = _pair(stack, folder / "plain", "")
        ruled, ruled_limit = _pair(stack, folder / "ruled", RULES)

        def run(server: Server, load: Load) -> partial[Rate]:
            return partial(load.run, seconds, folder, server.pid)

        def get(name: str, ours: Server, limit: Server, path: str, at_least: float, *headers: str) -> Comparison:
            load = Load(ours.url, f"/v1/notifications/{path}", headers)
            return Comparison(name, run(ours, load), run(limit, replace(load, url=limit.url)), at_least)

        def post(server: Server, prefix: str, users: int) -> partial[Rate]:
            return run(server, Load(server.url, prefix, connections=64, users=users))

        tag = f"If-None-Match: {_tag(f'{plain.url}/v1/notifications/seen-1000')}"
        yield [
            *(get(f"GET 20 of {size}", plain, plain_limit, f"seen-{size}", 0.50) for size in SIZES),
            get("GET 20 of 1000, all unseen, peeked at", plain, plain_limit, "unseen-1000?peek=true", 0.50),
            *(get(f"GET 20 of {size}, three rules", ruled, ruled_limit, f"seen-{size}", 0.40) for size in SIZES),
            get("GET 20 of 1000, rules, unseen, peeked at", ruled, ruled_limit, "unseen-1000?peek=true", 0.40),
            get("GET unchanged: 304", plain, plain_limit, "seen-1000", 0.55, tag),
            Comparison("POST, many users, feeds of 10", post(plain, "ten-", MANY), post(plain_limit, "", MANY), 0.30),
            Comparison("POST at 1000 / POST at 10", post(plain, "full-", FULL), post(plain, "ten-", MANY), 0.60),
            Comparison("POST, one user / many users", post(plain, "one-", 1), post(plain, "ten-", MANY), 1.00),
        ]


def _pair(stack: ExitStack, folder: Path, settings: str) -> tuple[Server, Server]:
    """Run the service with feeds of all sizes, and a bare handler that returns the same bodies."""
    folder.mkdir()
    asyncio.run(fill(folder / "feeds.db", _feeds()))
    url, process = stack.enter_context(service(folder, settings))
    bodies, port = folder / "bodies", free_port()
    bodies.mkdir()
    for size in SIZES:
        (bodies / f"seen-{size}").write_bytes(_read(f"{url}/v1/notifications/seen-{size}"))
    (bodies / "unseen-1000").write_bytes(_read(f"{url}/v1/notifications/unseen-1000?peek=true"))
    bare = stack.enter_context(running("-m", "benchmarks.bare", str(port), str(bodies)))
    wait_for(f"http://127.0.0.1:{port}/v1/notifications/seen-20")
    return Server(url, process.pid), Server(f"http://127.0.0.1:{port}", bare.pid)


def _feeds() -> dict[str, int]:
    """The number of notifications of each user."""
    read = {f"{kind}-{size}": size for kind in ("seen", "unseen") for size in SIZES}
    tens, full = {f"ten-{number}": 10 for number in range(MANY)}, {f"full-{number}": 1000 for number in range(FULL)}
    return {**read, **tens, **full, "one-0": 10}


def _read(url: str) -> bytes:
    for _ in range(2):  # after the first read nothing is unseen, unless it peeks
        with urllib.request.urlopen(url) as reply:
            body: bytes = reply.read()
    return body


def _tag(url: str) -> str:
    with urllib.request.urlopen(url) as reply:
        return str(reply.headers["ETag"])
