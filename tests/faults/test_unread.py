"""Clients that do not read from a real process: their cost, the time they get, and that they do not delay its stop."""

import asyncio
import base64
import json
import os
import signal
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from siblings.ksuid import encode
from tests.service_process import ServiceProcess
from tests.waiting import until

MEGABYTE = 1024 * 1024
SHUTDOWN = 10
"""Seconds: `server.shutdown_timeout` of config.yml."""
TWO_FEEDS = """{ a: notifications(username: "test", peek: true) { id message properties }
    b: notifications(username: "test", peek: true) { id message properties } }"""
EVENT = "notification { message properties }"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[ServiceProcess]:
    """The service with a full feed of large notifications."""
    async with ServiceProcess(tmp_path) as service:
        quiet = connections(service)
        body = {"category": "like", "message": "x" * 255, "properties": {"p": "y" * 3900}}
        async with aiohttp.ClientSession() as session:
            for _ in range(20):
                posts = [session.post(f"{service.url}/v1/notifications/test", json=body) for _ in range(50)]
                assert {reply.status for reply in await asyncio.gather(*posts)} == {201}
        await until(lambda: connections(service) == quiet)
        yield service


class Unread:
    """A connection whose client sends, and reads only when the test lets it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def ping(self) -> None:
        """Send a ping with the maximum of 125 bytes. The reply contains the same bytes."""
        self.writer.write(b"\x89" + struct.pack("!B", 0x80 | 125) + bytes(4) + b"x" * 125)

    def say(self, message: object) -> None:
        """Send a message in one text frame. Its mask consists of zeros, which leave the bytes unchanged."""
        data = json.dumps(message).encode()
        self.writer.write(b"\x81" + struct.pack("!BH", 0x80 | 126, len(data)) + bytes(4) + data)


class Clients:
    """Opens connections to a service."""

    def __init__(self, service: ServiceProcess) -> None:
        self._url = URL(service.url)
        self.opened: list[Unread] = []

    def leave(self) -> None:
        """Close all connections. Unread data turns the close into a reset."""
        for one in self.opened:
            one.writer.transport.abort()

    async def ask(self, request: str, *headers: str, body: bytes = b"") -> Unread:
        """Open a connection and send a request."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # the default is megabytes
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, (self._url.host, self._url.port))
        opened = Unread(*await asyncio.open_connection(sock=connection, limit=1024))
        self.opened.append(opened)
        head = [f"{request} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
        opened.writer.write("\r\n".join(head).encode() + body)
        return opened

    async def stream(self) -> Unread:
        """Open a stream, and wait until it has begun."""
        opened = await self.ask(f"GET /v1/notifications/test/stream?since={encode(0)}")
        await opened.reader.readuntil(b": connected")
        return opened

    async def socket(self) -> Unread:
        """Open a WebSocket, and wait until the service has acknowledged it."""
        opened = await self.ask(
            "GET /graphql", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}",
            "Sec-WebSocket-Protocol: graphql-transport-ws",
        )  # fmt: skip
        await opened.reader.readuntil(b"\r\n\r\n")
        opened.say({"type": "connection_init"})
        await opened.reader.readuntil(b"connection_ack")
        return opened


@pytest.fixture
async def clients(service: ServiceProcess) -> AsyncIterator[Clients]:
    clients = Clients(service)
    yield clients
    clients.leave()
    await asyncio.sleep(0)


def subscribe(number: int, query: str) -> dict[str, Any]:
    return {"type": "subscribe", "id": str(number), "payload": {"query": query}}


def resident(pid: int) -> int:
    """Return the resident memory in bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def connections(service: ServiceProcess) -> int:
    """Return the number of open sockets of the process, including those on which it listens."""
    found = 0
    for descriptor in Path(f"/proc/{service.pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found += str(descriptor.readlink()).startswith("socket:")
    return found


def errors(service: ServiceProcess) -> list[dict[str, Any]]:
    return [line for line in service.lines if line.get("level") == "error"]


async def test_streams_of_a_whole_feed_that_nobody_reads_cost_little(service: ServiceProcess, clients: Clients) -> None:
    await clients.stream()
    costs = [resident(service.pid)]
    for _ in range(2):
        for _ in range(200):
            await clients.stream()
        costs.append(resident(service.pid))
    grown = [(after - before) / MEGABYTE for before, after in pairwise(costs)]
    assert max(grown) < 20, grown
    clients.leave()
    await until(lambda: connections(service) < 100)
    assert errors(service) == []


async def test_what_leaves_a_reply_or_a_socket_unread_is_cut_off(service: ServiceProcess, clients: Clients) -> None:
    quiet = connections(service)
    body = json.dumps({"query": TWO_FEEDS}).encode()
    for _ in range(4):
        await clients.ask("POST /graphql", "Content-Type: application/json", body=body)
        asking = await clients.socket()
        asking.say(subscribe(1, TWO_FEEDS))
        asking.say(subscribe(2, TWO_FEEDS))
        pinging = await clients.socket()
        for _ in range(10_000):
            pinging.ping()
    await until(lambda: connections(service) == quiet + 12)
    await until(lambda: connections(service) <= quiet, 25)
    assert errors(service) == []


async def test_clients_are_cut_off_while_they_leave_too_much_unread(service: ServiceProcess, clients: Clients) -> None:
    quiet = connections(service)
    for _ in range(60):
        await clients.ask("GET /v1/notifications/test?peek=true", "Range: id; max=1000")
    await until(lambda: any(line.get("unread") for line in service.lines))
    await until(lambda: connections(service) < quiet + 60)
    assert await service.end(signal.SIGTERM) == 0
    assert errors(service) == []


@pytest.mark.parametrize("busy", [True, False])
async def test_sockets_that_are_not_read_do_not_hold_up_the_end(
    service: ServiceProcess, clients: Clients, busy: bool
) -> None:
    for _ in range(5):
        asking = await clients.socket()
        if busy:
            asking.say(subscribe(1, f'subscription {{ feed(username: "test", since: "{encode(0)}") {{ {EVENT} }} }}'))
            asking.say(subscribe(2, TWO_FEEDS))
    began = time.monotonic()
    assert await service.end(signal.SIGTERM) == 0
    assert time.monotonic() - began < SHUTDOWN + 1
    assert errors(service) == []


async def test_a_reader_that_leaves_while_a_stream_begins_is_no_defect(
    service: ServiceProcess, clients: Clients
) -> None:
    quiet = connections(service)
    for _ in range(50):
        for path in (f"/v1/notifications/test/stream?since={encode(0)}", "/v1/notifications/new/stream"):
            (await clients.ask(f"GET {path}")).writer.close()
    await clients.stream()
    await until(lambda: connections(service) <= quiet + 1)
    assert errors(service) == []
