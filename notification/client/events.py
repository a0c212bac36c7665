"""Server-Sent Events, as the WHATWG's HTML standard has them (9.2): bytes in, events out. No IO.

Bytes may come in any pieces. A line ends with CR, LF or both; of a CR at the end of a piece it is not known whether
LF follows, so the line is taken at once, and a LF that comes next belongs to it.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from notification.client.errors import NotUnderstood

MAX_EVENT_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one event's data, and of one line: many times what the service sends, and not enough to hurt."""

_BOM: Final = b"\xef\xbb\xbf"


class ServerSentEvent(NamedTuple):
    """One event: its type ("message" where it has none), its data, and the last id there was, its own or an earlier."""

    type: str
    data: str
    id: str


class EventParser:
    """Parses one stream; another connection needs another parser.

    `last_id` is what to resume from, `retry` how many seconds the service asks to wait before connecting again.
    `greatest` bounds an event, in bytes.
    """

    def __init__(self, last_id: str = "", greatest: int = MAX_EVENT_BYTES) -> None:
        self.last_id = last_id
        self._greatest = greatest
        self.retry: float | None = None
        self._id = last_id
        self._type = ""
        self._data: list[str] = []
        self._size = 0
        self._line = bytearray()
        self._is_first = True
        self._after_cr = False

    def feed(self, piece: bytes) -> Iterator[ServerSentEvent]:
        """The events that are complete with this piece. Raises `NotUnderstood` where one is too large."""
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
        """A field. A line that begins with a colon is a comment: a field of no name, which nobody takes."""
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
        self.last_id = self._id  # not before: an event that was cut off has to come again
        if self._data:
            yield ServerSentEvent(self._type or "message", "\n".join(self._data), self.last_id)
        self._type, self._data, self._size = "", [], 0

    def _expect_bounded(self, size: int) -> None:
        if size > self._greatest:
            raise NotUnderstood(f"an event of more than {self._greatest} bytes")
