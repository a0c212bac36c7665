"""HTTP/1.1 over plain sockets, as far as these tests need it: reading messages, and servers that accept connections."""

import asyncio
from typing import NamedTuple, Self


class Message(NamedTuple):
    """A request or a reply: its head, ending with an empty line, and its body."""

    head: bytes
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        pairs = (line.partition(":") for line in self.head.decode().split("\r\n")[1:] if line)
        return {name.lower(): value.strip() for name, _, value in pairs}

    def __bytes__(self) -> bytes:
        return self.head + self.body


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """The next one; `None` where the other side has closed, or breaks off in the middle."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(Message(head, b"").headers.get("content-length", "0"))
        return Message(head, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


class TcpServer:
    """Listens on a port of the system's choice, and serves each connection until the block ends."""

    def __init__(self) -> None:
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server
        self.url = ""

    @property
    def open_connections(self) -> int:
        """How many there are now."""
        return len(self._serving)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak on one connection; it is closed afterwards."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._serving)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        self._writers.add(writer)
        try:
            await self.serve(reader, writer)
        finally:
            self._serving.discard(task)
            self._writers.discard(writer)
            writer.close()
