"""HTTP on the embedded store, against a bare aiohttp handler that answers the same bytes."""

import asyncio
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.feeds import fill
from benchmarks.processes import free_port, running, service, wait_for
from benchmarks.ratios import Comparison
from benchmarks.wrk import Load

MANY = 5000
FULL = 200
RULES = "rules: {like: {max_size: 10}, comment: {match_on: post}, follow: {max_size: 3, max_duration: 1 hour}}\n"


@contextmanager
def comparisons(folder: Path, seconds: float) -> Iterator[list[Comparison]]:
    """The comparisons, while the servers run."""
    with ExitStack() as stack:
        plain, ruled = _folder(folder, "plain"), _folder(folder, "ruled")
        url, _ = stack.enter_context(service(plain))
        with_rules, _ = stack.enter_context(service(ruled, RULES))
        bare = stack.enter_context(_bare(folder, _read(f"{url}/v1/notifications/full-1")))
        tag = _tag(f"{url}/v1/notifications/full-1")
        ruled_bare = stack.enter_context(_bare(folder, _read(f"{with_rules}/v1/notifications/full-1")))

        def run(load: Load) -> partial[float]:
            return partial(load.run, seconds, folder)

        def get(name: str, base: str, path: str, at_least: float, limit: str = bare, *headers: str) -> Comparison:
            return Comparison(name, run(Load(base, path, headers)), run(Load(limit, path, headers)), at_least)

        def post(base: str, prefix: str, users: int) -> partial[float]:
            return run(Load(base, prefix, connections=64, users=users))

        page = "/v1/notifications/full-1"
        yield [
            get("GET 20 of 1000, nothing unseen", url, page, 0.50),
            get("GET 20 of 1000, three rules over half of the feed", with_rules, page, 0.40, ruled_bare),
            get("GET unchanged, 304", url, page, 0.55, bare, f"If-None-Match: {tag}"),
            get("GET 20 of 1000, peeked at, all unseen", url, "/v1/notifications/full-2?peek=true", 0.50),
            get("GET 20 of 100", url, "/v1/notifications/small-100", 0.50),
            get("GET 20 of 20", url, "/v1/notifications/small-20", 0.50),
            Comparison("POST, many users, feeds of 10", post(url, "ten-", MANY), post(bare, "ten-", MANY), 0.30),
            Comparison("POST at 1000 / POST at 10", post(url, "full-", FULL), post(url, "ten-", MANY), 0.60),
            Comparison("POST, one user / many users", post(url, "one-", 1), post(url, "ten-", MANY), 1.00),
        ]


def _folder(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    feeds = {f"ten-{number}": 10 for number in range(MANY)} | {f"full-{number}": 1000 for number in range(FULL)}
    asyncio.run(fill(made / "feeds.db", {**feeds, "small-20": 20, "small-100": 100}))
    return made


@contextmanager
def _bare(folder: Path, body: bytes) -> Iterator[str]:
    port = free_port()
    (folder / f"body-{port}").write_bytes(body)
    with running("-m", "benchmarks.bare", str(port), str(folder / f"body-{port}")):
        wait_for(f"http://127.0.0.1:{port}/v1/notifications/x")
        yield f"http://127.0.0.1:{port}"


def _read(url: str) -> bytes:
    for _ in range(2):  # the second time nothing is unseen
        with urllib.request.urlopen(url) as reply:
            body: bytes = reply.read()
    return body


def _tag(url: str) -> str:
    with urllib.request.urlopen(url) as reply:
        return str(reply.headers["ETag"])
