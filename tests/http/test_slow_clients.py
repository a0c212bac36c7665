"""A client that sends or reads too slowly is disconnected; a client that is only idle is not."""

import asyncio
import socket
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from notification.runtime.gate import CUT_IN_A_ROW
from tests.http.conftest import OpenClient
from tests.http.raw import connected, reply_to
from tests.waiting import until

SLOW = (
    "server: {header_timeout: 300 ms, body_timeout: 300 ms, write_timeout: 300 ms, idle_timeout: 20 s, max_body: 8 MiB}"
)
HEAD = (
    b"POST /v1/notifications/test HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"
)
PING = b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"


async def test_a_connection_that_sends_nothing_is_closed(open_client: OpenClient) -> None:
    assert await reply_to(await open_client(SLOW), b"") == b""


async def test_a_head_that_does_not_end_is_408(open_client: OpenClient) -> None:
    reply = await reply_to(await open_client(SLOW), PING[:-2])
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in reply


async def test_a_head_that_drips_is_408_too(open_client: OpenClient) -> None:
    client = await open_client(SLOW)
    async with connected(client) as (reader, writer), asyncio.timeout(10):
        writer.write(b"GET /ping HTTP/1.1\r\n")
        reading = asyncio.create_task(reader.read())
        while not reading.done():
            writer.write(b"X-A: b\r\n")
            await asyncio.wait([reading], timeout=0.05)
        with suppress(ConnectionError):  # the service may reset the connection because the client still sends
            assert (await reading).startswith(b"HTTP/1.1 408 ")


async def test_the_head_of_a_later_request_is_timed_as_well(open_client: OpenClient) -> None:
    client = await open_client(SLOW)
    async with connected(client) as (reader, writer), asyncio.timeout(10):
        writer.write(PING)
        assert (await reader.readuntil(b"pong")).startswith(b"HTTP/1.1 200 ")
        writer.write(PING[:10])
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_an_idle_connection_stays_open_between_requests(open_client: OpenClient) -> None:
    client = await open_client(SLOW)
    async with connected(client) as (reader, writer), asyncio.timeout(10):
        for _ in range(2):
            writer.write(PING)
            assert (await reader.readuntil(b"pong")).startswith(b"HTTP/1.1 200 ")
            await asyncio.sleep(1.0)


async def test_a_body_that_does_not_arrive_is_408_and_nothing_is_stored(open_client: OpenClient) -> None:
    client = await open_client(SLOW)
    with capture_logs() as lines:
        reply = await reply_to(client, HEAD + b'{"category"')
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive in time" in reply
    assert b"Connection: close" in reply
    await client.call("GET", "/v1/notifications/test", 404)
    assert [line["event"] for line in lines] == ["slow clients cut off", "request"]


async def test_a_body_that_nobody_reads_ends_the_connection(open_client: OpenClient) -> None:
    client = await open_client(f"{SLOW}\nlive: {{heartbeat: 20 s}}")
    request = b"GET /v1/notifications/test/stream HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n"
    assert b": connected" in await reply_to(client, request)


async def test_a_reply_that_is_not_read_ends_the_connection(open_client: OpenClient) -> None:
    client = await open_client(SLOW)
    for number in range(100):
        await client.post(properties={"text": "x" * 4000, "number": number})
    request = b"GET /v1/notifications/test?peek=true HTTP/1.1\r\nHost: a\r\nRange: id; max=1000\r\n\r\n"
    with capture_logs() as lines:
        async with connected(client) as (_, writer), asyncio.timeout(20):
            small(writer)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            for _ in range(20):
                writer.write(request)
            await until(lambda: any(line.get("unread") for line in lines), 15)


async def test_a_reply_that_is_read_slowly_but_steadily_arrives_whole(open_client: OpenClient) -> None:
    client = await open_client("server: {write_timeout: 800 ms}")
    for number in range(200):
        await client.post(properties={"text": "x" * 4000, "number": number})
    request = b"GET /v1/notifications/test HTTP/1.1\r\nHost: a\r\nRange: id; max=1000\r\nConnection: close\r\n\r\n"
    async with connected(client) as (reader, writer), asyncio.timeout(30):
        small(writer, 256 * 1024)
        for _ in range(4):
            writer.write(request.replace(b"Connection: close\r\n", b""))
        writer.write(request)
        got = 0
        while part := await reader.read(64 * 1024):
            got += len(part)
            await asyncio.sleep(0.02)
    assert got > 5 * 800_000


def small(writer: asyncio.StreamWriter, size: int = 4096) -> None:
    """Let the operating system buffer few unread bytes."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)


async def test_what_is_slow_is_logged_once_a_second_at_most(open_client: OpenClient) -> None:
    client = await open_client(SLOW)
    with capture_logs() as lines:
        await asyncio.gather(*(reply_to(client, PING[:-2]) for _ in range(50)))
    told = [line for line in lines if line["event"] == "slow clients cut off"]
    assert 1 <= len(told) <= 2


@pytest.mark.parametrize("request_", [PING[:-2], HEAD + b"{"], ids=["head", "body"])
async def test_many_slow_clients_are_cut_off_a_few_at_a_time(open_client: OpenClient, request_: bytes) -> None:
    client = await open_client(SLOW)
    runner: Any = client.http.server.runner
    replies = asyncio.gather(*(reply_to(client, request_) for _ in range(100)))
    await until(lambda: len(runner.gate) == 100)
    open_at_each_turn = [len(runner.gate)]
    while open_at_each_turn[-1]:
        await asyncio.sleep(0)
        open_at_each_turn.append(len(runner.gate))
    assert all(reply.startswith(b"HTTP/1.1 408 ") for reply in await replies)
    assert max(before - after for before, after in pairwise(open_at_each_turn)) <= CUT_IN_A_ROW
