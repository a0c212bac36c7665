"""One client's connection, with limits on the time that the client may take to send a request's head and its
body, and to accept the reply.

aiohttp has no such limits. The `Gate` sweeps over all connections and checks what each one waits for, so a request
costs no timer. A client can exceed a limit by one interval of the sweep and the time that the sweep takes.
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
"""Bytes of a reply that a client must accept within `Timeouts.write`, unless less is left."""
FIRST_REQUEST: Final = 0.5
"""Seconds for which a new connection is not closed as idle, so that a stop loses no request on its way."""
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
    """Seconds for a request's head, for its body, until the client accepts more of a reply, and between two requests.

    `unread`: bytes of replies that all clients together may leave unread.
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
    """Another request. None of it has arrived."""
    BUSY = auto()
    """A reply from this process."""


class _Messages(list[Any]):
    """The requests that wait. aiohttp's own queue is a `deque`, which takes 700 bytes more while it is empty."""

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
        """Whether some of a head has arrived."""
        self._refused = False
        self._answered: web.BaseRequest | None = None
        """The request whose body an earlier sweep found complete. A stream's request stays the same for hours."""
        self._seen = (Phase.BUSY, 0)
        self._begun = 0.0
        self._made = 0.0
        self._taken = 0
        self._window: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note when the connection was accepted."""
        super().connection_made(transport)
        self._made = self._loop.time()

    def data_received(self, data: bytes) -> None:
        """Parse `data`, and note whether a head is incomplete."""
        waiter = self._waiter
        super().data_received(data)
        if waiter is not None:
            self._partial = not waiter.done()

    if sys.version_info >= (3, 12):
        # There, aiohttp begins to handle a request in the call that finds it. After a turn of the event loop, the loop
        # has found all requests that have arrived, and handles them one after the other. Each step then finds its code
        # in the processor's cache, which saves 4 % of a GET. On Python 3.11, aiohttp does the same.
        async def _handle_request(self, *arguments: Any) -> tuple[web.StreamResponse, bool]:
            self._request_in_progress = True  # a service that stops now must not take the connection for idle
            await asyncio.sleep(0)
            return await super()._handle_request(*arguments)

    else:

        def _handle_request(self, *arguments: Any) -> Coroutine[Any, Any, tuple[web.StreamResponse, bool]]:
            self._request_in_progress = True  # as above, because the task that handles it begins in the next turn
            return super()._handle_request(*arguments)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Reply 400 to data that is not HTTP. aiohttp would log a trace, which is of no use to operators."""
        if status >= 500 or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        if exc is not None:
            exc.with_traceback(None)  # its frames refer to this connection, which refers to the error
        headers = {"Server": SERVER, "Cache-Control": serializers.NO_CACHE}
        response = serializers.json_response(serializers.error(status, "Bad Request"), status, headers)
        response.force_close()
        return response

    def log_exception(self, *args: Any, **options: Any) -> None:
        """Log an exception that ends the connection, unless the body is incomplete or not encoded as declared."""
        if not isinstance(options.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **options)

    def unread_since(self, transport: asyncio.Transport, now: float) -> float:
        """Return when the client last accepted enough of a reply; infinity if no reply waits."""
        left = transport.get_write_buffer_size()
        if not left:
            self._window = None
            return math.inf
        taken = _taken(transport, left)
        if self._window is None or taken - self._taken >= PROGRESS:
            self._window, self._taken = now, taken
        return self._window

    def pause_writing(self) -> None:
        """Sweep soon: the client does not read as fast as the service writes."""
        super().pause_writing()
        self._sweep_soon()

    @property
    def busy(self) -> bool:
        """Whether a request is being read or answered."""
        return self._request_in_progress or bool(self._messages)

    @property
    def awaits_first_request(self) -> bool:
        """Whether the connection is so new that its first request may still be on its way."""
        return self._request_count == 0 and self._loop.time() - self._made < FIRST_REQUEST

    def end(self) -> asyncio.Task[None] | None:
        """Close the connection and cancel its request. Returns the task that then ends, if one runs."""
        task = self._task_handler
        self.force_close()
        if task is not None:
            task.cancel()
        return task

    def cut_if_late(self, transport: asyncio.Transport, now: float, timeouts: Timeouts) -> str | None:
        """End the connection if the client is too slow.

        Returns the limit it exceeded: `header`, `body` or `unread`. An empty text means that an earlier call has
        returned the limit.
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
        """Return the phase and the number of the request, so that the time of the next request starts at zero."""
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
        """Make the handler reply 408; if it does not read the body, end the connection."""
        if self._refused or self._current_request is None:
            transport.abort()
            return ""
        self._refused = True
        self._lingering_time = 0.0  # nothing more is read from it
        self._current_request.content.set_exception(TooSlow("The body did not arrive in time"))
        return "body"


def _taken(transport: asyncio.Transport, left: int) -> int:
    """Return a number that grows with each byte that the client's system accepts.

    If the operating system does not count these bytes, the number is minus the bytes that are left.
    """
    connection = transport.get_extra_info("socket")
    try:
        info: bytes = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED_AT + _BYTES_ACKED.size)
        return int(_BYTES_ACKED.unpack_from(info, _BYTES_ACKED_AT)[0])
    except (AttributeError, OSError, ValueError, struct.error):  # uvloop: ValueError if the socket is closed
        return -left
