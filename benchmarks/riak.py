"""HTTP on Riak, against a loop of raw gets and puts of the same sizes over the same client.

`RIAK_NODES` names a cluster; without it the tests' stand-in is used, which shares this machine: then the ratios say
what the service adds on one core while another one is Riak, not how fast Riak is.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.feeds import make_feed
from benchmarks.processes import LOAD_CPU, free_port, running, service
from benchmarks.ratios import Comparison
from benchmarks.wrk import Load
from notification.riak.client import RiakClient
from notification.riak.errors import RiakError
from notification.riak.objects import RiakContent
from siblings import CURSOR, FEED, Cursor

USERS = 500
AT_ONCE = 16
VALUE = FEED.encode(make_feed(10))
SEEN = CURSOR.encode(Cursor("raw-notifications", max(make_feed(10).slots)))


@contextmanager
def comparisons(folder: Path, seconds: float) -> Iterator[list[Comparison]]:
    """The comparisons, while the service runs."""
    with ExitStack() as stack:
        nodes = os.environ.get("RIAK_NODES", "")
        label, bucket_type = "Riak", os.environ.get("RIAK_BUCKET_TYPE", "")
        if not nodes:
            ports = ",".join(str(free_port()) for _ in range(3))
            stack.enter_context(
                running("-m", "tests.riak_cluster", "--ports", ports, "--bucket-type", "notifications", cpu=LOAD_CPU)
            )
            nodes = ",".join(f"127.0.0.1:{port}" for port in ports.split(","))
            label, bucket_type = "stand-in for Riak", "notifications"
        asyncio.run(_prepare(nodes, bucket_type.encode()))
        settings = f"storage: riak\nriak: {{nodes: '{nodes}', bucket_type: '{bucket_type}'}}\n"
        (folder / "riak").mkdir()
        url, _ = stack.enter_context(service(folder / "riak", settings))
        ours = partial(Load(url, "bench-", connections=AT_ONCE, users=USERS).run, seconds, folder)
        reads = partial(Load(url, "/v1/notifications/bench-1?peek=true", connections=AT_ONCE).run, seconds, folder)
        yield [
            Comparison(f"{label}: POST / raw puts", ours, partial(_raw, nodes, bucket_type, seconds, _puts), 0.85),
            Comparison(
                f"{label}: GET / raw pairs of gets", reads, partial(_raw, nodes, bucket_type, seconds, _gets), 0.85
            ),
        ]


async def _prepare(nodes: str, bucket_type: bytes) -> None:
    """Wait until a cluster answers, and put what the raw gets get."""
    client = RiakClient(nodes.split(","))
    deadline = time.monotonic() + 30
    while True:
        try:
            await client.put(b"notifications", b"raw", RiakContent(VALUE), vclock=None, bucket_type=bucket_type)
            await client.put(b"cursors", b"raw", RiakContent(SEEN), vclock=None, bucket_type=bucket_type)
            break
        except RiakError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
    await client.close()


def _raw(nodes: str, bucket_type: str, seconds: float, step: Callable[..., Awaitable[None]]) -> float:
    """Steps per second of as many workers as wrk has connections, on the service's core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    try:
        import uvloop

        return uvloop.run(_loop(nodes.split(","), bucket_type.encode(), seconds, step))
    finally:
        os.sched_setaffinity(0, before)


async def _loop(nodes: list[str], bucket_type: bytes, seconds: float, step: Callable[..., Awaitable[None]]) -> float:
    client = RiakClient(nodes)
    end, steps = time.monotonic() + seconds, 0

    async def work(number: int) -> None:
        nonlocal steps
        known: dict[bytes, bytes | None] = {}
        while time.monotonic() < end:
            await step(client, bucket_type, b"raw-%d-%d" % (number, steps % 30), known)
            steps += 1

    await asyncio.gather(*(work(number) for number in range(AT_ONCE)))
    await client.close()
    return steps / seconds


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
