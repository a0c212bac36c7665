"""Riak's protocol as bytes: framing, message codes, and what a request's reply looks like. Pure, no IO.

A message is 4 bytes length (big endian, of what follows), 1 byte code, then a Protocol Buffers body.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Generic, NamedTuple, Protocol, TypeVar

from notification.riak.errors import GarbledReply

R = TypeVar("R")


class Code(IntEnum):
    """The message codes that we send and expect."""

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
    AUTH_REQ = 253
    AUTH_RESP = 254
    START_TLS = 255


class Frame(NamedTuple):
    """One message as it travels: its code and its undecoded body."""

    code: int
    body: bytes


class Message(Protocol):
    """What we need of a generated message to send it."""

    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's name


@dataclass(frozen=True, slots=True)
class Exchange(Generic[R]):
    """A request and how its reply is read.

    `request`: the whole frame. `reply`: the code that a reply must have. `read`: a reply's body to its meaning; of a
    streamed reply it gets all bodies joined, which Protocol Buffers defines to be the messages merged. `last`: whether
    a body ends the reply. `timeout`: seconds for one try, where the client's own is not right.
    """

    request: bytes
    reply: Code
    read: Callable[[bytes], R]
    last: Callable[[bytes], bool] | None = None
    timeout: float | None = None

    @property
    def operation(self) -> str:
        """What is asked, in one word: get, put, delete, ping, list_keys, …"""
        return _OPERATIONS[self.reply]


_HEADER = Struct("!IB")
_LENGTH = Struct("!I")
_OPERATIONS = {code: code.name.removesuffix("_RESP").lower() for code in Code} | {Code.DEL_RESP: "delete"}


def frame(code: int, body: bytes = b"") -> bytes:
    """The bytes of one message."""
    return _HEADER.pack(1 + len(body), code) + body


def exchange(code: Code, message: Message | None, reply: Code, read: Callable[[bytes], R]) -> Exchange[R]:
    """An exchange with a reply of one frame; `message` is None for a request without a body."""
    return Exchange(frame(code, message.SerializeToString() if message else b""), reply, read)


def nothing(_body: bytes) -> None:
    """Reads a reply that has no body."""


class FrameParser:
    """Cuts a stream of bytes, in whatever pieces it comes, into frames.

    A length of 0, or over `limit` bytes, is not Riak talking: `GarbledReply`, before anything is allocated for it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()

    @property
    def pending(self) -> bool:
        """Whether part of a frame is waiting for the rest."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order."""
        self._buffer += data
        frames = []
        while self._has_frame():
            frames.append(self._take())
        return frames

    def _has_frame(self) -> bool:
        if len(self._buffer) < _LENGTH.size:
            return False
        length: int = _LENGTH.unpack_from(self._buffer)[0]
        if not 1 <= length <= self._limit:
            raise GarbledReply(f"a reply claims to be {length} bytes long, 1 to {self._limit} are believable")
        return len(self._buffer) >= _LENGTH.size + length

    def _take(self) -> Frame:
        length, code = _HEADER.unpack_from(self._buffer)
        end = _LENGTH.size + length
        with memoryview(self._buffer) as view:
            body = bytes(view[_HEADER.size : end])
        del self._buffer[:end]
        return Frame(code, body)
