"""A parser that turns bytes into Server-Sent Events. No IO. Source: the HTML standard of the WHATWG, section 9.2.

The bytes may arrive in pieces of any size. A line ends with CR, LF or CRLF. A CR at the end of a piece ends its line at
once. If the next piece starts with an LF, that LF belongs to the CR and is skipped.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from notification.client.errors import NotUnderstood

MAX_EVENT_BYTES: Final = 4 * 1024 * 1024
"""Maximum size of a line, and of the data of an event, in bytes. The service sends far smaller ones."""

_BOM: Final = b"\xef\xbb\xbf"


class ServerSentEvent(NamedTuple):
    """One event. `type`: "message" by default. `id`: the id of this event or, if it has none, of an earlier event."""

    type: str
    data: str
    id: str


class EventParser:
    """Parses the stream of one connection.

    `last_id`: the id to resume from. `retry`: seconds to wait before a reconnect, if the service names them.
    `max_bytes`: maximum size of an event.
    """

    def __init__(self, last_id: str = "", max_bytes: int = MAX_EVENT_BYTES) -> None:
        self.last_id = last_id
        self._max_bytes = max_bytes
        self.retry: float | None = None
        self._id = last_id
        self._type = ""
        self._data: list[str] = []
        self._size = 0
        self._line = bytearray()
        self._is_first = True
        self._after_cr = False

    def feed(self, piece: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that this piece completes. Raises `NotUnderstood` if one is too large."""
        if self._after_cr and piece:
            piece = piece.removeprefix(b"\n")
            self._after_cr = False
        for part in piece.splitlines(keepends=True):
            self._line += part.rstrip(b"\r\n")
            self._expect_bounded(len(self._line))
            if part.endswith((b"\r", b"\n")):
                yield from self._end_line()
        if piece.endswith(b"\r"):
            self._after_cr = True

    def _end_line(self) -> Iterator[ServerSentEvent]:
        line = bytes(self._line)
        self._line.clear()
        if self._is_first:
            line = line.removeprefix(_BOM)
            self._is_first = False
        if line:
            name, _, value = line.decode("utf-8", errors="replace").partition(":")
            self._take(name, value.removeprefix(" "))
        else:
            yield from self._dispatch()

    def _take(self, name: str, value: str) -> None:
        """Take one field. A comment is a field without a name and is ignored, as are unknown names."""
        if name == "data":
            self._data.append(value)
            self._size += len(value) + 1
            self._expect_bounded(self._size)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value[:9]) / 1000

    def _dispatch(self) -> Iterator[ServerSentEvent]:
        self.last_id = self._id  # only now, so that the service sends an incomplete event again
        if self._data:
            yield ServerSentEvent(self._type or "message", "\n".join(self._data), self.last_id)
        self._type, self._data, self._size = "", [], 0

    def _expect_bounded(self, size: int) -> None:
        if size > self._max_bytes:
            raise NotUnderstood(f"an event has more than {self._max_bytes} bytes")
