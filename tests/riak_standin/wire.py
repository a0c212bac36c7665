"""Frames: a length of four bytes, a message code of one byte, a Protocol Buffers body."""

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.message import Message

from notification.riak.riak_pb2 import RpbErrorResp

START_TLS = 255
AUTHENTICATE, AUTHENTICATED = 253, 254


@dataclass(frozen=True, slots=True)
class Reply:
    """The bytes of a reply, and whether the connection then closes or switches to TLS."""

    data: bytes
    closes: bool = False
    encrypts: bool = False


def frame(code: int, message: Message | None = None) -> bytes:
    """Encode one message."""
    body = message.SerializeToString() if message else b""
    return (len(body) + 1).to_bytes(4, "big") + bytes([code]) + body


def error(text: bytes, *, closes: bool = False) -> Reply:
    """Encode an error; Riak's `errcode` is always 0."""
    return Reply(frame(0, RpbErrorResp(errmsg=text, errcode=0)), closes)


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Add bytes; yield the code and the body of each frame that they complete."""
        self._buffer += data
        while len(self._buffer) >= 4:
            end = 4 + int.from_bytes(self._buffer[:4], "big")
            if end == 4:
                raise ValueError("a frame without a message code")
            if len(self._buffer) < end:
                return
            code, body = self._buffer[4], bytes(self._buffer[5:end])
            del self._buffer[:end]
            yield code, body
