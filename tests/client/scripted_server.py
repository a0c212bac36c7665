"""A server that answers requests with what a test has written down, over real sockets."""

import asyncio
from collections.abc import Sequence

from tests.client.wire import Message, TcpServer, read_message

Script = bytes | None
"""What to answer a request: these bytes; `None`: the connection is dropped."""


def reply(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    """A whole reply; `retry_after="1"` is the header `retry-after`."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def stream(*pieces: str, end: bool = True) -> bytes:
    """A reply that is a stream of these events, and ends after them, or is left open."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: {'close' if end else 'stays-open'}"
    return (head + "\r\n\r\n" + "".join(pieces)).encode()


class ScriptedServer(TcpServer):
    """Plays `script`, an entry for each request; the last one for all that come after it.

    A reply that does not tell its length ends its connection.
    """

    def __init__(self, script: Sequence[Script]) -> None:
        super().__init__()
        self._script = list(script)
        self.requests: list[Message] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_message(reader):
            self.requests.append(request)
            answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
            if answer is None:
                return
            writer.write(answer)
            if b"content-length" not in answer and b"stays-open" not in answer:
                return
