"""One connection to one node. It takes one request at a time, and is reused only after a complete reply.

Riak replies in order and without request ids. On a reused connection, the late reply to an abandoned request would be
read as the reply to the next request, and could reveal another user's data. So a request that ends early closes its
connection.
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
from notification.riak.messages import Call, Code, Frame, FrameParser
from notification.riak.riak_pb2 import RpbErrorResp

R = TypeVar("R")


class Connection(asyncio.Protocol):
    """The protocol for `loop.create_connection`. `max_frame`: maximum length of a reply in bytes.

    `used`: whether the pool has lent the connection before. `on_lost`: called once, when the connection is closed.
    """

    def __init__(self, max_frame: int) -> None:
        self.used = False
        self.on_lost: Callable[[Connection], None] | None = None
        self._parser = FrameParser(max_frame)
        self._frames: deque[Frame] = deque()
        self._busy = False
        self._waiter: asyncio.Future[None] | None = None
        self._broken: NodeUnavailable | TimeoutError | None = None
        self._transport: asyncio.Transport | None = None
        self._lost = asyncio.Event()

    @property
    def usable(self) -> bool:
        """Whether the connection can take a request."""
        return self._broken is None and self._transport is not None and not self._transport.is_closing()

    @property
    def transport(self) -> asyncio.Transport:
        """The transport. Raises `Disconnected` before the connection is opened."""
        if self._transport is None:
            raise Disconnected("not connected")
        return self._transport

    async def request(self, call: Call[R]) -> R:
        """Send a request and return its decoded reply.

        Raises `RiakErrorResponse`, `Disconnected`, `GarbledReply`, `NodeUnavailable` after `time_out`, and
        `TimeoutError` after `give_up`. A cancelled request closes the connection.
        """
        if self._busy:
            raise RuntimeError("a connection takes one request at a time")
        if not self.usable:
            raise self._broken or Disconnected("the connection is closed")
        self._busy, intact = True, False
        try:
            self.transport.write(call.request)
            body = self._checked(await self._next_frame(), call.reply)
            reply = call.read(body if call.last is None else await self._rest(call, body, call.last))
            intact = True
        except RiakErrorResponse as error:
            # Riak closes the connection after it reports a crash. Crash reports have the scope `UNKNOWN`.
            intact = error.retry_scope is not RetryScope.UNKNOWN
            raise
        except DecodeError as error:
            raise GarbledReply("a reply does not decode") from error
        finally:
            self._busy = False
            if not intact or self._frames or self._parser.pending:
                self.abort()
        return reply

    def time_out(self, seconds: float) -> None:
        """Close the connection, because the node took too long. A request in flight raises `NodeUnavailable`."""
        self._break(NodeUnavailable(f"no reply within {seconds} s"))
        self.abort()

    def give_up(self) -> None:
        """Close the connection, because the caller has no time left. A request in flight raises `TimeoutError`."""
        self._break(TimeoutError())
        self.abort()

    def abort(self) -> None:
        """Close the connection at once. A request in flight raises `Disconnected`."""
        self._break(Disconnected("the connection was aborted"))
        if self._transport is not None:
            self._transport.abort()

    async def wait_closed(self) -> None:
        """Wait until the connection is closed."""
        if self._transport is not None:
            await self._lost.wait()

    def switch_transport(self, transport: asyncio.Transport | None) -> None:
        """Continue over the TLS `transport`. `None` means that the handshake failed and closed the connection."""
        if transport is None:
            self.connection_lost(None)
        else:
            self._transport = transport

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # An `isinstance` check would fail, because uvloop's transports do not inherit from asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if not self._busy:
            # Data that arrives without a request would be read as the reply to the next request.
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

    async def _rest(self, call: Call[R], first: bytes, last: Callable[[bytes], bool]) -> bytes:
        bodies = [first]
        while not last(bodies[-1]):
            bodies.append(self._checked(await self._next_frame(), call.reply))
        return b"".join(bodies)

    @staticmethod
    def _checked(reply: Frame, expected: Code) -> bytes:
        """Return the body of a reply. Raises `RiakErrorResponse` and `GarbledReply`."""
        code, body = reply
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

    def _break(self, why: NodeUnavailable | TimeoutError) -> None:
        if self._broken is None:
            self._broken = why
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
