"""Send the bytes of requests that no HTTP library would send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.http.conftest import Client


@asynccontextmanager
async def connected(client: Client) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection of its own."""
    reader, writer = await asyncio.open_connection(client.http.host, client.http.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def reply_to(client: Client, request: bytes, seconds: float = 10.0) -> bytes:
    """Return everything that the service sends until it closes the connection."""
    async with connected(client) as (reader, writer), asyncio.timeout(seconds):
        writer.write(request)
        return await reader.read()
