"""Connections of clients, each held to time limits: for a request's head, its body, and taking the reply.

aiohttp has no such limits. One sweep over all connections looks at what each of them waits for, so that a request costs
no timer. A limit is exceeded by one interval of the sweep at most.
"""

import asyncio
import math
import socket
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

import structlog
from aiohttp import web

from notification.domain.errors import TooSlow
from notification.http import rendering
from notification.runtime.seldom import Seldom

LONGEST_INTERVAL: Final = 1.0
"""Seconds between two sweeps."""
SHORTEST_INTERVAL: Final = 0.05
"""The same while much is left unread."""
PROGRESS: Final = 64 * 1024
"""Bytes of a reply that a client must take within `Timeouts.write`, unless less is left."""
LAST_MOMENT: Final = 0.5
"""Seconds that requests may take to end once they are cancelled."""
LATE: Final = b'{"code":408,"message":"Request Timeout"}'
LATE_REPLY: Final = (
    b"HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n%b" % (len(LATE), LATE)
)
_BYTES_ACKED: Final = struct.Struct("=Q")
_BYTES_ACKED_AT: Final = 120
"""Where Linux's `struct tcp_info` counts the bytes that the peer has acknowledged."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for a request's head, for its body, until the client takes more of a reply, and between two requests.
    `unread`: bytes of replies that all clients together may leave unread."""

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
    """A further request, of which nothing has arrived."""
    BUSY = auto()
    """This process."""


class Connection(web.RequestHandler):
    """One client's connection."""

    __slots__ = ("_begun", "_partial", "_refused", "_seen", "_taken", "_window")

    def __init__(self, gate: "Gate", **options: Any) -> None:
        super().__init__(gate, **options)
        self._partial = False
        """Whether some of a head has arrived."""
        self._refused = False
        self._seen = (Phase.BUSY, 0)
        self._begun = 0.0
        self._taken = 0
        self._window: float | None = None

    def data_received(self, data: bytes) -> None:
        """Parse it; note whether it leaves a head incomplete."""
        waiter = self._waiter
        super().data_received(data)
        if waiter is not None:
            self._partial = not waiter.done()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The reply to what is not HTTP: of no interest to operators, while aiohttp would log a trace."""
        if status >= 500 or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        response = rendering.json_response(rendering.error(status, "Bad Request"), status)
        response.force_close()
        return response

    def log_exception(self, *args: Any, **options: Any) -> None:
        """Log what ends the connection, unless it is a body that breaks off or is not encoded as declared."""
        if not isinstance(options.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **options)

    def since(self) -> float:
        """Since when it has not taken enough of a reply; infinite if none waits."""
        return math.inf if self._window is None else self._window

    def pause_writing(self) -> None:
        """The client does not read as fast as it is sent to: look at it soon."""
        super().pause_writing()
        if isinstance(self._manager, Gate):
            self._manager.look_soon()

    @property
    def busy(self) -> bool:
        """Whether a request is being read or answered."""
        return self._request_in_progress or bool(self._messages)

    def end(self) -> asyncio.Task[None] | None:
        """Cancel what it does. Returns the task that then ends, if one runs."""
        task = self._task_handler
        self.force_close()
        if task is not None:
            task.cancel()
        return task

    def cut_if_late(self, transport: asyncio.Transport, now: float, timeouts: Timeouts) -> str | None:
        """End what has taken too long. Returns what the client did not do in time, if anything."""
        if self._leaves_unread(transport, now, timeouts.write):
            transport.abort()
            return "unread"
        waits_for = self._waits_for()
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
        """With the number of the request, so that the next one begins anew."""
        if self._waiter is not None and not self._waiter.done():
            begins = self._partial or self._request_count == 0
            return (Phase.HEAD if begins else Phase.IDLE), self._request_count
        request = self._current_request
        reading = request is not None and not request.content.is_eof()
        return (Phase.BODY if reading else Phase.BUSY), self._request_count - len(self._messages)

    def _leaves_unread(self, transport: asyncio.Transport, now: float, timeout: float) -> bool:
        left = transport.get_write_buffer_size()
        if not left:
            self._window = None
            return False
        taken = _taken(transport, left)
        if self._window is None or taken - self._taken >= PROGRESS:
            self._window, self._taken = now, taken
        return now - self._window >= timeout

    def _end_head(self, transport: asyncio.Transport) -> None:
        if self._partial and not transport.is_closing():
            transport.write(LATE_REPLY)
        self.force_close()

    def _end_body(self, transport: asyncio.Transport) -> str | None:
        """Have the handler answer 408; if it does not read the body, end the connection."""
        if self._refused or self._current_request is None:
            transport.abort()
            return None
        self._refused = True
        self._lingering_time = 0.0  # nothing more is read from it
        self._current_request.content.set_exception(TooSlow("The body did not arrive in time"))
        return "body"


class Gate(web.Server):
    """All connections of one application in this process."""

    def __init__(self, handler: Any, timeouts: Timeouts, **options: Any) -> None:
        super().__init__(handler, **options)
        self._timeouts = timeouts
        self._interval = min(LONGEST_INTERVAL, min(timeouts.header, timeouts.body, timeouts.write) / 4)
        self._late: Counter[str] = Counter()
        self._seldom = Seldom()
        self._next = self._loop.call_later(self._interval, self._sweep)
        self.on_room: Callable[[], None] = lambda: None
        """Called when a connection has ended."""

    def __call__(self) -> Connection:
        """A new connection's protocol."""
        return Connection(self, loop=self._loop, **self._kwargs)

    def __len__(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def __bool__(self) -> bool:
        """True without connections, too."""
        return True

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection."""
        super().connection_lost(handler, exc)
        self._loop.call_soon(self.on_room)

    def pre_shutdown(self) -> None:
        """Close what is idle. aiohttp would also stop reading bodies that are under way."""
        for connection in self._connections:
            if isinstance(connection, Connection) and not connection.busy:
                connection.close()

    async def shutdown(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  # aiohttp's signature
        """Close each connection as soon as its request is answered, and all that are left after `timeout` seconds."""
        end = self._loop.time() + (timeout or 0.0)
        while self._unfinished() and self._loop.time() < end:
            await asyncio.sleep(min(0.02, max(end - self._loop.time(), 0.0)))
            self.pre_shutdown()
        self._next.cancel()
        await self._end_all()

    def _unfinished(self) -> bool:
        """Whether a request is under way, or a reply not yet with its client's system."""
        ours = self._ours()
        return any(one.busy or self._connections[one].get_write_buffer_size() for one in ours)

    def _ours(self) -> list[Connection]:
        return [connection for connection in self._connections if isinstance(connection, Connection)]

    async def _end_all(self) -> None:
        """Cancel what still runs, and drop what is still to be sent."""
        cut = sum(connection.busy for connection in self._ours())
        if cut:
            log.warning("requests cut off", reason="server.shutdown_timeout has passed", requests=cut)
        tasks = [task for connection in self._ours() if (task := connection.end())]
        for transport in list(self._connections.values()):
            transport.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=LAST_MOMENT)

    def look_soon(self) -> None:
        """Sweep within `SHORTEST_INTERVAL`."""
        if self._next.when() > self._loop.time() + SHORTEST_INTERVAL and not self._next.cancelled():
            self._next.cancel()
            self._next = self._loop.call_later(SHORTEST_INTERVAL, self._sweep)

    def _sweep(self) -> None:
        self._next = self._loop.call_later(self._interval, self._sweep)
        now, unread = self._loop.time(), 0
        for connection, transport in list(self._connections.items()):
            if isinstance(connection, Connection):
                late = connection.cut_if_late(transport, now, self._timeouts)
                if late is not None:
                    self._late[late] += 1
                unread += transport.get_write_buffer_size()
        if unread > self._timeouts.unread:
            self._cut_off_slowest(unread - self._timeouts.unread // 2)
        if unread >= self._timeouts.unread // 4:
            self.look_soon()
        if self._late and self._seldom.count():
            log.warning("slow clients cut off", **self._late)
            self._late.clear()

    def _cut_off_slowest(self, unread: int) -> None:
        """Make room for so many bytes: those who have not read for longest go first."""
        for connection in sorted(self._ours(), key=Connection.since):
            transport = self._connections[connection]
            left = transport.get_write_buffer_size()
            if unread <= 0:
                return
            if left:
                transport.abort()
                unread -= left
                self._late["unread"] += 1


def _taken(transport: asyncio.Transport, left: int) -> int:
    """A number that grows by each byte that the client's system takes. If the system does not count them: what is left,
    negative."""
    connection = transport.get_extra_info("socket")
    try:
        info: bytes = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED_AT + _BYTES_ACKED.size)
        return int(_BYTES_ACKED.unpack_from(info, _BYTES_ACKED_AT)[0])
    except (AttributeError, OSError, struct.error):
        return -left
