"""Clients of a running service that misbehave on purpose."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connections(url: str, number: int, send: bytes = b"", kept: int = 0) -> AsyncIterator[list[Pair]]:
    """Open connections and send `send` on each. `kept`: size of each receive buffer in bytes; 0 means the default."""
    pairs = await asyncio.gather(*(_connection(url, send, kept) for _ in range(number)))
    try:
        yield pairs
    finally:
        for _, writer in pairs:
            writer.transport.abort()


async def _connection(url: str, send: bytes, kept: int) -> Pair:
    parts = urlsplit(url)
    unconnected = socket.socket()
    if kept:
        unconnected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, kept)
    unconnected.setblocking(False)
    await asyncio.get_running_loop().sock_connect(unconnected, (parts.hostname, parts.port))
    reader, writer = await asyncio.open_connection(sock=unconnected, limit=1024)
    writer.write(send)
    return reader, writer
