"""Riak's protocol as bytes: framing, message codes, and calls. No IO.

A message is a length of 4 bytes (big-endian; it counts the code and the body), a code of 1 byte, and a Protocol Buffers
body. Source: Riak KV's "Protocol Buffers Client API".
"""

from collections.abc import Callable
from enum import IntEnum
from struct import Struct
from typing import Generic, NamedTuple, Protocol, TypeVar

from notification.riak.errors import GarbledReply

R = TypeVar("R")


class Code(IntEnum):
    """The message codes that the client sends and expects."""

    ERROR_RESP = 0
    PING_REQ = 1
    PING_RESP = 2
    GET_SERVER_INFO_REQ = 7
    GET_SERVER_INFO_RESP = 8
    GET_REQ = 9
    GET_RESP = 10
    PUT_REQ = 11
    PUT_RESP = 12
    DEL_REQ = 13
    DEL_RESP = 14
    LIST_KEYS_REQ = 17
    LIST_KEYS_RESP = 18
    GET_BUCKET_REQ = 19
    GET_BUCKET_RESP = 20
    SET_BUCKET_REQ = 21
    SET_BUCKET_RESP = 22
    GET_BUCKET_TYPE_REQ = 31
    DT_FETCH_REQ = 80
    DT_FETCH_RESP = 81
    AUTH_REQ = 253
    AUTH_RESP = 254
    START_TLS = 255


class Frame(NamedTuple):
    """One message on the wire: its code and its undecoded body."""

    code: int
    body: bytes


class Message(Protocol):
    """The part of a generated message class that is needed to send a message."""

    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's name


class Call(NamedTuple, Generic[R]):
    """A request and the reader of its reply.

    - `request`: the whole frame.
    - `reply`: the code that the reply must have.
    - `read`: decodes the body of the reply. For a streamed reply, its argument is all bodies joined, which Protocol
      Buffers defines as the merged message.
    - `last`: whether a body ends a streamed reply; `None` if the reply is a single frame.
    - `timeout`: seconds for one attempt; `None`: the client's `request_timeout`.
    """

    request: bytes
    reply: Code
    read: Callable[[bytes], R]
    last: Callable[[bytes], bool] | None = None
    timeout: float | None = None

    @property
    def operation(self) -> str:
        """The operation's name in metrics: get, put, delete, ping, list_keys, …"""
        return _OPERATIONS[self.reply]


_HEADER = Struct("!IB")
_LENGTH = Struct("!I")
_OPERATIONS = {code: code.name.removesuffix("_RESP").lower() for code in Code} | {Code.DEL_RESP: "delete"}


def frame(code: int, body: bytes = b"") -> bytes:
    """Encode one message."""
    return _HEADER.pack(1 + len(body), code) + body


def make_call(code: Code, message: Message | None, reply: Code, read: Callable[[bytes], R]) -> Call[R]:
    """Return a call whose reply is one frame. `message` is `None` if the request has no body."""
    return Call(frame(code, message.SerializeToString() if message else b""), reply, read)


def ignore_body(_body: bytes) -> None:
    """Discard the body of a reply that carries no information."""


class FrameParser:
    """Cuts a stream of bytes, fed in pieces of any size, into frames.

    `feed` raises `GarbledReply` if a length is 0 or above `limit` (bytes), before it allocates memory for the body.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()

    @property
    def pending(self) -> bool:
        """Whether the parser holds an incomplete frame."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that `data` completes, in order."""
        if not self._buffer and self._is_frame(data):
            return [Frame(data[_LENGTH.size], data[_HEADER.size :])]
        self._buffer += data
        frames = []
        while self._has_frame():
            frames.append(self._take())
        return frames

    def _is_frame(self, data: bytes) -> bool:
        """Whether `data` is exactly one frame, as for most replies. Such data need not be copied into the buffer."""
        return _HEADER.size <= len(data) <= self._limit and _LENGTH.unpack_from(data)[0] == len(data) - _LENGTH.size

    def _has_frame(self) -> bool:
        if len(self._buffer) < _LENGTH.size:
            return False
        length: int = _LENGTH.unpack_from(self._buffer)[0]
        if not 1 <= length <= self._limit:
            raise GarbledReply(f"the length of a reply is {length} bytes; it must be 1 to {self._limit}")
        return len(self._buffer) >= _LENGTH.size + length

    def _take(self) -> Frame:
        length, code = _HEADER.unpack_from(self._buffer)
        end = _LENGTH.size + length
        with memoryview(self._buffer) as view:
            body = bytes(view[_HEADER.size : end])
        del self._buffer[:end]
        return Frame(code, body)
