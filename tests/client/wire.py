"""Reading HTTP/1.1 off a socket, as far as these tests need it."""

import asyncio
from typing import NamedTuple


class Message(NamedTuple):
    """A request or a reply: its head, ending with an empty line, and its body."""

    head: bytes
    body: bytes

    @property
    def start(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode()

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
