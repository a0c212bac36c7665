"""HTTP on Riak, compared with a loop of raw gets and puts of the same sizes over the same client.

`RIAK_NODES` names a cluster. If it is not set, the stand-in of the tests runs on this machine. In that case, the
ratios show what the service adds on one core, not how fast Riak is. The stand-in runs twice. Without delay between the
nodes, the CPU is the limit. With a delay of milliseconds, as with replicas on disks, Riak is the limit.
"""

import asyncio
import os
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.feeds import make_feed
from benchmarks.processes import LOAD_CPU, SERVER_CPU, WITHOUT_LINES, Setup, free_port, pin, running, service
from benchmarks.ratios import Comparison, Rate
from benchmarks.wrk import Load
from notification.riak.client import RiakClient
from notification.riak.errors import RiakError
from notification.riak.objects import RiakContent
from siblings import CURSOR, FEED, Cursor

Step = Callable[..., Awaitable[None]]
"""A function that sends one raw request, or a pair of raw requests."""
USERS = 4000
CONCURRENCY = 16
BEFORE, RAW = 10, 15
"""Notifications in a feed before the first POST, and in each raw value. `RAW` is about the mean size of a
feed during the run."""
VALUE = FEED.encode(make_feed(RAW))
SEEN = CURSOR.encode(Cursor("raw-notifications", max(make_feed(RAW).slots)))


@contextmanager
def comparisons(setup: Setup, request_lines: bool, hop: float = 0) -> Iterator[list[Comparison]]:
    """Run the service and yield the comparisons. `hop`: maximum delay between nodes in seconds."""
    with ExitStack() as stack:
        nodes = os.environ.get("RIAK_NODES", "")
        label, bucket_type = "Riak", os.environ.get("RIAK_BUCKET_TYPE", "")
        if not nodes:
            nodes, bucket_type = stack.enter_context(_stand_in(hop)), "notifications"
            label = f"stand-in, {hop * 1000:g} ms apart"
        asyncio.run(_prepare(nodes, bucket_type.encode()))
        settings = f"storage: riak\nriak: {{nodes: '{nodes}', bucket_type: '{bucket_type}'}}\n"
        folder = Path(stack.enter_context(TemporaryDirectory(dir=setup.folder)))
        lines = "" if request_lines else WITHOUT_LINES
        url, process = stack.enter_context(service(setup, folder, settings + lines))
        _read_once(url)

        def compared(name: str, path: str, users: int, raw: Step, at_least: float) -> Comparison:
            load = Load(url, path, connections=CONCURRENCY, users=users)
            ours = partial(load.run, setup.seconds, folder, process.pid)
            limit = partial(_raw, nodes, bucket_type, setup.seconds, raw)
            return Comparison(f"{label}: {name}", ours, limit, request_lines, at_least)

        yield [
            compared("POST / raw puts", "bench-", USERS, _puts, 0.85 if hop else 0.75),
            compared("GET, all seen / pairs of gets", "/v1/notifications/seen", 0, _gets, 0.85),
            compared("GET, peeked at / pairs of gets", "/v1/notifications/unseen?peek=true", 0, _gets, 0.85),
        ]


@contextmanager
def _stand_in(hop: float) -> Iterator[str]:
    ports = [str(free_port()) for _ in range(3)]
    options = ("--ports", ",".join(ports), "--bucket-type", "notifications", "--hop", str(hop))
    with running("-m", "tests.riak_cluster", *options, cpu=LOAD_CPU):
        yield ",".join(f"127.0.0.1:{port}" for port in ports)


def _read_once(url: str) -> None:
    """Read all feeds into the cache, because most feeds are read before they are written."""
    for name in ("seen", "seen", *(f"bench-{number}" for number in range(USERS))):
        with urllib.request.urlopen(f"{url}/v1/notifications/{name}") as reply:
            reply.read()


async def _prepare(nodes: str, bucket_type: bytes) -> None:
    """Wait until the cluster replies, then put the values that the raw gets read."""
    client = RiakClient(nodes.split(","))
    deadline = time.monotonic() + 30
    while True:
        try:
            await client.put(b"cursors", b"raw", RiakContent(SEEN), vclock=None, bucket_type=bucket_type)
            break
        except RiakError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
    users = ("raw", "seen", "unseen", *(f"bench-{number}" for number in range(USERS)))
    for start in range(0, len(users), CONCURRENCY):
        await asyncio.gather(*(_fill(client, bucket_type, name) for name in users[start : start + CONCURRENCY]))
    await client.close()


async def _fill(client: RiakClient, bucket_type: bytes, name: str) -> None:
    value = FEED.encode(make_feed(RAW if name == "raw" else BEFORE))
    await client.put(b"notifications", name.encode(), RiakContent(value), vclock=None, bucket_type=bucket_type)


def _raw(nodes: str, bucket_type: str, seconds: float, step: Step) -> Rate:
    """Run as many raw workers as wrk has connections, on the service's core."""
    import uvloop

    allowed, before = os.sched_getaffinity(0), time.process_time()
    pin(os.getpid(), SERVER_CPU)
    try:
        steps = uvloop.run(_loop(nodes.split(","), bucket_type.encode(), seconds, step))
    finally:
        os.sched_setaffinity(0, allowed)
    return Rate(steps / seconds, (time.process_time() - before) / steps * 1_000_000)


async def _loop(nodes: list[str], bucket_type: bytes, seconds: float, step: Step) -> int:
    client = RiakClient(nodes)
    end, steps = time.monotonic() + seconds, 0

    async def work(number: int) -> None:
        nonlocal steps
        known: dict[bytes, bytes | None] = {}
        while time.monotonic() < end:
            await step(client, bucket_type, b"raw-%d-%d" % (number, steps % 30), known)
            steps += 1

    await asyncio.gather(*(work(number) for number in range(CONCURRENCY)))
    await client.close()
    return steps


async def _puts(client: RiakClient, bucket_type: bytes, key: bytes, known: dict[bytes, bytes | None]) -> None:
    content = RiakContent(VALUE, "application/msgpack")
    stored = await client.put(
        b"notifications", key, content, vclock=known.get(key), bucket_type=bucket_type, return_head=True
    )
    known[key] = stored.vclock


async def _gets(client: RiakClient, bucket_type: bytes, key: bytes, known: dict[bytes, bytes | None]) -> None:
    feed, cursor = await asyncio.gather(
        client.get(b"notifications", b"raw", bucket_type=bucket_type, if_modified=known.get(b"raw")),
        client.get(b"cursors", b"raw", bucket_type=bucket_type, if_modified=known.get(b"cursor")),
    )
    known.setdefault(b"raw", feed.vclock)
    known.setdefault(b"cursor", cursor.vclock)
