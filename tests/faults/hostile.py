"""Clients that send slowly, leave, or read nothing: `python -m tests.faults.hostile URL CLIENTS SECONDS`."""

import asyncio
import contextlib
import json
import random
import resource
import socket
import sys
import time
from urllib.parse import urlsplit

FULL = "full"
"""The user whose feed fills a reply of more than a megabyte."""
UPLOAD = (
    b"POST /v1/notifications/a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"
)
PAGE = f"GET /v1/notifications/{FULL}?peek=true HTTP/1.1\r\nHost: a\r\nRange: id; max=1000\r\n\r\n".encode()
OPENING = (
    b"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
EVENTS = f'subscription {{ feed(username: "{FULL}") {{ __typename }} }}'


def frame(message: object) -> bytes:
    """A WebSocket's text, masked with zeros."""
    text = json.dumps(message).encode()
    length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
    return b"\x81" + length + bytes(4) + text


ASKING = (
    frame({"type": "connection_init"})
    + frame({"id": "1", "type": "subscribe", "payload": {"query": EVENTS}})
    + frame({"type": "ping"}) * 50
)
KINDS = ("slow head", "slow body", "unread reply", "unread socket", "aborted upload")


async def misbehave(address: tuple[str, int], kind: str) -> None:
    """Run one connection until the service or this client ends it."""
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        connection.setblocking(False)
        await loop.sock_connect(connection, address)
        if kind == "slow head":
            await drip(connection, b"GET /ping HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n")
        elif kind == "slow body":
            await drip(connection, UPLOAD, b" ")
        elif kind == "unread reply":
            await loop.sock_sendall(connection, PAGE * 20)
            await until_ended(connection)
        elif kind == "unread socket":
            await loop.sock_sendall(connection, OPENING)
            await loop.sock_sendall(connection, ASKING)
            await until_ended(connection)
        else:
            await loop.sock_sendall(connection, UPLOAD + b"{" * 2000)
            await asyncio.sleep(0.5)


async def drip(connection: socket.socket, first: bytes, more: bytes) -> None:
    """Send a little each second for as long as the service listens."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, first)
    while True:
        await asyncio.sleep(1)
        await loop.sock_sendall(connection, more)


async def until_ended(connection: socket.socket) -> None:
    """Read nothing until the service has ended the connection."""
    while connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] not in (7, 8):  # noqa: ASYNC110  # closed, or its end came
        await asyncio.sleep(0.5)  # without a read, the kernel reports neither


async def again_and_again(address: tuple[str, int], kind: str, end: float) -> None:
    """Run one client, which starts after a random delay."""
    await asyncio.sleep(random.uniform(0, 2))
    while time.monotonic() < end:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout_at(end):
                await misbehave(address, kind)
        await asyncio.sleep(random.uniform(0, 2))


async def main(url: str, clients: int, seconds: float) -> None:
    """Run all clients until the time is over."""
    parts = urlsplit(url)
    address = str(parts.hostname), int(parts.port or 80)
    end = time.monotonic() + seconds
    kinds = [KINDS[number % len(KINDS)] for number in range(clients)]
    await asyncio.gather(*(again_and_again(address, kind, end) for kind in kinds))


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
