"""SIGTERM ends the service within `server.shutdown_timeout` plus one second, whatever its clients do."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.faults.crowd import connections
from tests.service_process import ServiceProcess
from tests.waiting import until

SHUTDOWN = 2.0
UPLOAD = (
    b"POST /v1/notifications/test HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n"
)
BODY = b'{"category": "like", "message": "hello"}'
PAGE = b"GET /v1/notifications/full?peek=true HTTP/1.1\r\nHost: a\r\nRange: id; max=1000\r\n\r\n" * 30
STREAM = b"GET /v1/notifications/full/stream HTTP/1.1\r\nHost: a\r\n\r\n"
SOCKET = (
    b"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
CLIENTS = {
    "heads": b"GET /ping HT",
    "bodies": UPLOAD,
    "replies": PAGE,
    "streams": STREAM,
    "sockets": SOCKET,
}


@pytest.fixture
async def service(tmp_path: Path, workers: int) -> AsyncIterator[ServiceProcess]:
    path = tmp_path / "config.yml"
    server = json.dumps({"port": 0, "shutdown_timeout": f"{int(SHUTDOWN)} s", "workers": workers})
    path.write_text(f"server: {server}\nembedded: {{path: {tmp_path}/feeds.db}}\n")
    async with ServiceProcess(tmp_path, path) as process:
        yield process


async def fill(url: str) -> None:
    body = {"category": "like", "message": "hello", "properties": {"text": "x" * 4000}}
    async with aiohttp.ClientSession() as http:
        for _ in range(100):
            async with http.post(f"{url}/v1/notifications/full", json=body) as reply:
                assert reply.status == 201


@pytest.mark.parametrize(
    ("workers", "kinds"), [*((1, [kind]) for kind in CLIENTS), (1, list(CLIENTS)), (2, list(CLIENTS))]
)
async def test_it_stops_in_time_whatever_clients_do(service: ServiceProcess, kinds: list[str]) -> None:
    await fill(service.url)
    async with AsyncExitStack() as stack:
        for kind in kinds:
            await stack.enter_async_context(connections(service.url, 20, CLIENTS[kind], kept=4096))
        await asyncio.sleep(0.3)
        began = time.monotonic()
        assert await service.end(signal.SIGTERM) == 0
        took = time.monotonic() - began
    assert took < SHUTDOWN + 1, took
    assert not [line for line in service.lines if line.get("level") == "error"]


@pytest.mark.parametrize("workers", [1, 2])
async def test_an_upload_that_is_under_way_is_finished(service: ServiceProcess) -> None:
    async with connections(service.url, 1, UPLOAD + BODY[:20]) as ((reader, writer),):
        await asyncio.sleep(0.3)
        service.send(signal.SIGTERM)
        await until(lambda: any(line["event"] == "stopping" for line in service.lines))
        writer.write(BODY[20:])
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 201 ")
    assert await service.ended() == 0


@pytest.mark.parametrize("workers", [1])
async def test_a_reply_that_is_being_read_arrives_whole(service: ServiceProcess) -> None:
    await fill(service.url)
    async with connections(service.url, 1, PAGE[: len(PAGE) // 30], kept=64 * 1024) as ((reader, _),):
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        service.send(signal.SIGTERM)
        await until(lambda: any(line["event"] == "stopping" for line in service.lines))
        length = int(head.partition(b"content-length:")[2].split()[0])
        assert len(await asyncio.wait_for(reader.readexactly(length), 5)) == length > 400_000
    assert await service.ended() == 0


@pytest.mark.parametrize("workers", [1, 2])
async def test_with_idle_clients_it_stops_at_once(service: ServiceProcess) -> None:
    async with connections(service.url, 20, b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n") as pairs:
        for reader, _ in pairs:
            await reader.readuntil(b"pong")
        began = time.monotonic()
        assert await service.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < SHUTDOWN
