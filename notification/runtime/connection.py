"""One client's connection, with limits on the time that the client may take to send a request's head and its
body, and to accept the reply.

aiohttp has no such limits. The `Gate` regularly sweeps over all connections and checks what each of them waits for, so
no request needs a timer. A client can exceed a limit by one interval between sweeps and by the duration of a sweep.
"""

import asyncio
import math
import socket
import struct
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from aiohttp import web

from notification.domain.errors import TooSlow
from notification.http import serializers
from notification.http.frame import SERVER

PROGRESS: Final = 64 * 1024
"""Bytes of a reply that a client must accept within `Timeouts.write`, unless it accepts the whole rest of the reply."""
FIRST_REQUEST: Final = 0.5
"""Seconds for which a new connection does not count as idle, so that a stop does not lose its first request."""
LATE: Final = b'{"code":408,"message":"Request Timeout"}'
LATE_REPLY: Final = (
    b"HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n%b" % (len(LATE), LATE)
)
_BYTES_ACKED: Final = struct.Struct("=Q")
_BYTES_ACKED_AT: Final = 120
"""The offset of the bytes that the peer has acknowledged in Linux's `struct tcp_info`."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The limits of connections.

    `header`, `body`: maximum seconds until a request's head, or its body, is complete. `write`: maximum seconds until
    the client accepts more of a reply. `idle`: maximum seconds between two requests. `unread`: maximum bytes of replies
    that all clients together have not accepted.
    """

    header: float
    body: float
    write: float
    idle: float
    unread: int


class Phase(Enum):
    """What a connection waits for."""

    HEAD = auto()
    BODY = auto()
    IDLE = auto()
    """Another request, of which no byte has arrived yet."""
    BUSY = auto()
    """A reply, which this process still has to produce."""


class _Messages(list[Any]):
    """The queue of waiting requests. aiohttp uses a `deque`, which takes 700 bytes more than an empty list."""

    __slots__ = ()

    def popleft(self) -> Any:
        """Remove the oldest request and return it."""
        return self.pop(0)


class Connection(web.RequestHandler):
    """One client's connection."""

    __slots__ = ("_answered", "_begun", "_made", "_partial", "_refused", "_seen", "_sweep_soon", "_taken", "_window")

    def __init__(self, server: web.Server, sweep_soon: Callable[[], None], **options: Any) -> None:
        super().__init__(server, **options)
        self._messages = _Messages()  # type: ignore[assignment]
        self._sweep_soon = sweep_soon
        self._partial = False
        """Whether a part of a head has arrived."""
        self._refused = False
        self._answered: web.BaseRequest | None = None
        """The request whose body was complete at an earlier sweep. A stream has the same request for hours."""
        self._seen = (Phase.BUSY, 0)
        self._begun = 0.0
        self._made = 0.0
        self._taken = 0
        self._window: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Record the time at which the connection was accepted."""
        super().connection_made(transport)
        self._made = self._loop.time()

    def data_received(self, data: bytes) -> None:
        """Parse `data`, and record whether a head is incomplete."""
        waiter = self._waiter
        super().data_received(data)
        if waiter is not None:
            self._partial = not waiter.done()

    if sys.version_info >= (3, 12):
        # On Python 3.12 and later, aiohttp handles a request in the same call that parses it. With the `sleep`, the
        # event loop first parses all requests that have arrived, and then handles one after the other. So each step
        # finds its code in the processor's cache, which saves 4 % of a GET. On Python 3.11, aiohttp does this itself.
        async def _handle_request(self, *arguments: Any) -> tuple[web.StreamResponse, bool]:
            self._request_in_progress = True  # if the service stops now, the connection must not count as idle
            await asyncio.sleep(0)
            return await super()._handle_request(*arguments)

    else:

        def _handle_request(self, *arguments: Any) -> Coroutine[Any, Any, tuple[web.StreamResponse, bool]]:
            self._request_in_progress = True  # likewise; the task starts in the next turn of the event loop
            return super()._handle_request(*arguments)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Reply 400 to data that is not HTTP. aiohttp would also log a trace, which does not help operators."""
        if status >= 500 or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        if exc is not None:
            exc.with_traceback(None)  # the frames refer to this connection, which refers to the error
        headers = {"Server": SERVER, "Cache-Control": serializers.NO_CACHE}
        response = serializers.json_response(serializers.error(status, "Bad Request"), status, headers)
        response.force_close()
        return response

    def log_exception(self, *args: Any, **options: Any) -> None:
        """Log an exception that ends the connection, unless the cause is an incomplete or wrongly encoded body."""
        if not isinstance(options.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **options)

    def unread_since(self, transport: asyncio.Transport, now: float) -> float:
        """Return the time when the client had last accepted `PROGRESS` bytes; infinity if no reply is buffered."""
        left = transport.get_write_buffer_size()
        if not left:
            self._window = None
            return math.inf
        taken = _taken(transport, left)
        if self._window is None or taken - self._taken >= PROGRESS:
            self._window, self._taken = now, taken
        return self._window

    def pause_writing(self) -> None:
        """Request an early sweep, because the client reads more slowly than the service writes."""
        super().pause_writing()
        self._sweep_soon()

    @property
    def busy(self) -> bool:
        """Whether a request is being read or answered."""
        return self._request_in_progress or bool(self._messages)

    @property
    def awaits_first_request(self) -> bool:
        """Whether the connection is so new that its first request might still be in transit."""
        return self._request_count == 0 and self._loop.time() - self._made < FIRST_REQUEST

    def end(self) -> asyncio.Task[None] | None:
        """Close the connection and cancel its request. Return the task that was cancelled, if there is one."""
        task = self._task_handler
        self.force_close()
        if task is not None:
            task.cancel()
        return task

    def cut_if_late(self, transport: asyncio.Transport, now: float, timeouts: Timeouts) -> str | None:
        """End the connection if the client is too slow.

        Return the limit that the client exceeded: `header`, `body` or `unread`. Return an empty text if an earlier call
        has already returned the limit, and `None` if the client is not too slow.
        """
        if now - self.unread_since(transport, now) >= timeouts.write:
            transport.abort()
            return "unread"
        if self._answered is not None and self._answered is self._current_request:
            return None
        waits_for = self._waits_for()
        self._answered = self._current_request if waits_for[0] is Phase.BUSY else None
        if waits_for != self._seen:
            self._seen, self._begun = waits_for, now
            return None
        phase, lasting = waits_for[0], now - self._begun
        if phase is Phase.HEAD and lasting >= timeouts.header:
            self._end_head(transport)
            return "header"
        if phase is Phase.BODY and lasting >= timeouts.body:
            return self._end_body(transport)
        return None

    def _waits_for(self) -> tuple[Phase, int]:
        """Return the phase and the number of the current request, so that the time of each request starts at zero."""
        if self._waiter is not None and not self._waiter.done():
            begins = self._partial or self._request_count == 0
            return (Phase.HEAD if begins else Phase.IDLE), self._request_count
        request = self._current_request
        reading = request is not None and not request.content.is_eof()
        return (Phase.BODY if reading else Phase.BUSY), self._request_count - len(self._messages)

    def _end_head(self, transport: asyncio.Transport) -> None:
        if self._partial and not transport.is_closing():
            transport.write(LATE_REPLY)
        self.force_close()

    def _end_body(self, transport: asyncio.Transport) -> str:
        """Make the handler reply 408. If an earlier call has already tried this, abort the connection."""
        if self._refused or self._current_request is None:
            transport.abort()
            return ""
        self._refused = True
        self._lingering_time = 0.0  # the rest of the body is not read
        self._current_request.content.set_exception(TooSlow("The body did not arrive in time"))
        return "body"


def _taken(transport: asyncio.Transport, left: int) -> int:
    """Return a number that grows by one for each byte that the client's operating system acknowledges.

    On Linux, this is the number of acknowledged bytes. On systems that do not report this number, it is the negative of
    `left`, the number of bytes that are still in the write buffer of `transport`.
    """
    connection = transport.get_extra_info("socket")
    try:
        info: bytes = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED_AT + _BYTES_ACKED.size)
        return int(_BYTES_ACKED.unpack_from(info, _BYTES_ACKED_AT)[0])
    except (AttributeError, OSError, ValueError, struct.error):  # uvloop: ValueError if the socket is closed
        return -left
