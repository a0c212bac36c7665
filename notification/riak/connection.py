"""One connection to one node: one request at a time, and never again after anything but a complete reply.

Riak answers in order and without request ids. So a reply that comes after its request was given up would be taken for
the next request's: somebody else's data. Whatever ends a request early ends its connection too.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeVar, cast

from google.protobuf.message import DecodeError

from notification.riak.errors import (
    Disconnected,
    GarbledReply,
    NodeUnavailable,
    RetryScope,
    RiakErrorResponse,
    error_response,
)
from notification.riak.messages import Code, Exchange, Frame, FrameParser
from notification.riak.riak_pb2 import RpbErrorResp

R = TypeVar("R")


class Connection(asyncio.Protocol):
    """A connection, once `loop.create_connection` has made it. `max_frame`: bytes.

    `used`: whether it was lent before; `on_lost`: told once, when it is gone.
    """

    def __init__(self, max_frame: int) -> None:
        self.used = False
        self.on_lost: Callable[[Connection], None] | None = None
        self._parser = FrameParser(max_frame)
        self._frames: deque[Frame] = deque()
        self._asking = False
        self._waiter: asyncio.Future[None] | None = None
        self._broken: NodeUnavailable | None = None
        self._transport: asyncio.Transport | None = None
        self._lost = asyncio.Event()

    @property
    def usable(self) -> bool:
        """Whether the next request may go over it."""
        return self._broken is None and self._transport is not None and not self._transport.is_closing()

    @property
    def transport(self) -> asyncio.Transport:
        """What carries the bytes; `Disconnected` before it is opened."""
        if self._transport is None:
            raise Disconnected("not connected")
        return self._transport

    async def request(self, exchange: Exchange[R]) -> R:
        """Send a request and read its reply.

        Raises `RiakErrorResponse`, `Disconnected`, `GarbledReply`, and `NodeUnavailable` where it was given up.
        Cancelling it closes the connection.
        """
        if self._asking:
            raise RuntimeError("a connection takes one request at a time")
        if not self.usable:
            raise self._broken or Disconnected("the connection is closed")
        self._asking, intact = True, False
        try:
            self.transport.write(exchange.request)
            reply = exchange.read(await self._body(exchange))
            intact = True
        except RiakErrorResponse as error:
            # Riak closes the connection behind the reports of its own crashes, and those are among the unlisted ones.
            intact = error.blame is not RetryScope.UNKNOWN
            raise
        except DecodeError as error:
            raise GarbledReply("a reply does not decode") from error
        finally:
            self._asking = False
            if not intact or self._frames or self._parser.pending:
                self.abort()
        return reply

    def give_up(self, reason: str) -> None:
        """Close it at once; a request that is under way fails as `NodeUnavailable`."""
        self._break(NodeUnavailable(reason))
        self.abort()

    def abort(self) -> None:
        """Close it at once, whatever is under way."""
        self._break(Disconnected("the connection was given up"))
        if self._transport is not None:
            self._transport.abort()

    async def wait_closed(self) -> None:
        """Until nothing of it is open any more."""
        if self._transport is not None:
            await self._lost.wait()

    def moved(self, transport: asyncio.Transport | None) -> None:
        """The same stream now goes over `transport` (TLS); None: it failed on the way there, and is gone."""
        if transport is None:
            self.connection_lost(None)
        else:
            self._transport = transport

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, not a check: uvloop's transports do not inherit from asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if not self._asking:
            # Nobody asked: the stream is out of step, and its next reply would be the wrong one.
            self.abort()
            return
        try:
            self._frames.extend(self._parser.feed(data))
        except GarbledReply as error:
            self._break(error)
            self.abort()
        if self._frames:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._break(Disconnected(f"the connection was closed ({exc})" if exc else "the connection was closed"))
        if not self._lost.is_set():
            self._lost.set()
            if self.on_lost is not None:
                self.on_lost(self)

    async def _body(self, exchange: Exchange[R]) -> bytes:
        body = await self._next_body(exchange.reply)
        if exchange.last is None:
            return body
        bodies = [body]
        while not exchange.last(bodies[-1]):
            bodies.append(await self._next_body(exchange.reply))
        return b"".join(bodies)

    async def _next_body(self, expected: Code) -> bytes:
        code, body = await self._next_frame()
        if code == Code.ERROR_RESP:
            error = RpbErrorResp.FromString(body)
            raise error_response(error.errmsg.decode(errors="replace"), error.errcode)
        if code != expected:
            raise GarbledReply(f"a reply of code {code}, expected {expected}")
        return body

    async def _next_frame(self) -> Frame:
        while not self._frames:
            if self._broken is not None:
                raise self._broken
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._frames.popleft()

    def _break(self, why: NodeUnavailable) -> None:
        if self._broken is None:
            self._broken = why
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
