"""HTTP on the embedded store, compared with a bare aiohttp handler that returns the same bytes."""

import asyncio
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.feeds import fill
from benchmarks.processes import WITHOUT_LINES, Setup, bare_handler, service
from benchmarks.ratios import Comparison, Rate
from benchmarks.wrk import Load

MANY = 5000
FULL = 200
SIZES = (20, 100, 1000)
PEEKED = "unseen-1000?peek=true"
RULES = "rules: {like: {max_size: 10}, comment: {match_on: post}, follow: {max_size: 3, max_duration: 1 hour}}\n"


class Targets(NamedTuple):
    """The target ratios of a comparison, or `None` if there is no target."""

    with_lines: float | None
    without_lines: float | None

    def of(self, request_lines: bool) -> float | None:
        """Return the target with or without request lines."""
        return self.with_lines if request_lines else self.without_lines


class Server(NamedTuple):
    """The URL and the process of a server."""

    url: str
    pid: int


@contextmanager
def comparisons(setup: Setup, request_lines: bool) -> Iterator[list[Comparison]]:
    """Run the servers and yield the comparisons, with or without a log line for each request."""
    lines = "" if request_lines else WITHOUT_LINES
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=setup.folder)))
        plain, plain_limit = _pair(stack, setup, folder / "plain", lines)
        ruled, ruled_limit = _pair(stack, setup, folder / "ruled", lines + RULES)

        def run(server: Server, load: Load) -> partial[Rate]:
            return partial(load.run, setup.seconds, folder, server.pid)

        def compared(name: str, ours: partial[Rate], limit: partial[Rate], targets: Targets) -> Comparison:
            return Comparison(name, ours, limit, request_lines, targets.of(request_lines))

        def get(name: str, servers: tuple[Server, Server], path: str, targets: Targets, *headers: str) -> Comparison:
            ours, limit = (run(server, Load(server.url, f"/v1/notifications/{path}", headers)) for server in servers)
            return compared(name, ours, limit, targets)

        def post(server: Server, prefix: str, users: int) -> partial[Rate]:
            return run(server, Load(server.url, prefix, connections=64, users=users))

        as_is, with_rules = (plain, plain_limit), (ruled, ruled_limit)
        tag, tens = f"If-None-Match: {_tag(f'{plain.url}/v1/notifications/seen-1000')}", post(plain, "ten-", MANY)
        yield [
            *(get(f"GET 20 of {size}", as_is, f"seen-{size}", Targets(0.55, 0.70)) for size in SIZES),
            get("GET 20 of 1000, all unseen, peeked at", as_is, PEEKED, Targets(None, 0.50)),
            *(get(f"GET 20 of {size}, three rules", with_rules, f"seen-{size}", Targets(None, 0.40)) for size in SIZES),
            get("GET 20 of 1000, rules, unseen, peeked at", with_rules, PEEKED, Targets(None, 0.60)),
            get("GET unchanged: 304", as_is, "seen-1000", Targets(None, 0.70), tag),
            compared("POST, many users, feeds of 10", tens, post(plain_limit, "", MANY), Targets(0.35, 0.42)),
            compared("POST at 1000 / POST at 10", post(plain, "full-", FULL), tens, Targets(0.85, 0.85)),
            compared("POST, one user / many users", post(plain, "one-", 1), tens, Targets(1.00, 1.00)),
        ]


def _pair(stack: ExitStack, setup: Setup, folder: Path, settings: str) -> tuple[Server, Server]:
    """Run the service with feeds of all sizes, and a bare handler that returns the same bodies."""
    folder.mkdir()
    asyncio.run(fill(folder / "feeds.db", _feeds()))
    url, process = stack.enter_context(service(setup, folder, settings))
    bodies = folder / "bodies"
    bodies.mkdir()
    for size in SIZES:
        (bodies / f"seen-{size}").write_bytes(read_twice(f"{url}/v1/notifications/seen-{size}"))
    (bodies / "unseen-1000").write_bytes(read_twice(f"{url}/v1/notifications/{PEEKED}"))
    limit, bare = stack.enter_context(bare_handler(setup, bodies))
    return Server(url, process.pid), Server(limit, bare.pid)


def _feeds() -> dict[str, int]:
    """Return the number of notifications of each user."""
    read = {f"{kind}-{size}": size for kind in ("seen", "unseen") for size in SIZES}
    tens, full = {f"ten-{number}": 10 for number in range(MANY)}, {f"full-{number}": 1000 for number in range(FULL)}
    return {**read, **tens, **full, "one-0": 10}


def read_twice(url: str) -> bytes:
    """Return what `url` returns to the second request."""
    for _ in range(2):  # the first read marks all notifications as seen, unless it peeks
        with urllib.request.urlopen(url) as reply:
            body: bytes = reply.read()
    return body


def _tag(url: str) -> str:
    with urllib.request.urlopen(url) as reply:
        return str(reply.headers["ETag"])
