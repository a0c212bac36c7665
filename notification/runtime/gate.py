"""Holds all connections of one application in this process, checks them for slow clients, and closes them together."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import structlog
from aiohttp import web

from notification.runtime.connection import Connection, Timeouts
from notification.runtime.seldom import Seldom

MAX_INTERVAL: Final = 1.0
"""Maximum seconds between two sweeps."""
MIN_INTERVAL: Final = 0.05
"""Minimum seconds between two sweeps. It is in use while clients have not accepted many bytes of replies."""
CHECKED_IN_A_ROW: Final = 200
"""Maximum number of connections that one slice of a sweep checks."""
CUT_IN_A_ROW: Final = 8
"""Maximum number of slow clients that one slice of a sweep cuts off. Each of them can need a reply."""
BETWEEN_SLICES: Final = 0.005
"""Seconds between two slices of a sweep, in which the requests of other clients are handled."""
LAST_MOMENT: Final = 0.25
"""Maximum seconds that requests may take to end after they were cancelled."""

log = structlog.get_logger()


class Gate(web.Server):
    """All connections of one application in this process."""

    def __init__(self, handler: Any, timeouts: Timeouts, **options: Any) -> None:
        super().__init__(handler, **options)
        self._timeouts = timeouts
        self._interval = min(MAX_INTERVAL, min(timeouts.header, timeouts.body, timeouts.write) / 4)
        self._late: Counter[str] = Counter()
        self._seldom = Seldom()
        self._next = self._loop.call_later(self._interval, self._sweep)
        self._cutting: asyncio.Task[None] | None = None
        self.on_room: Callable[[], None] = lambda: None
        """Called after a connection has ended."""

    def __call__(self) -> Connection:
        """Return the protocol of a new connection."""
        return Connection(self, self.sweep_soon, loop=self._loop, **self._kwargs)

    def __len__(self) -> int:
        """Return the number of open connections."""
        return len(self._connections)

    def __bool__(self) -> bool:
        """Return `True`, even if there are no connections and `len` is 0."""
        return True

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Remove a connection, and call `on_room` soon."""
        super().connection_lost(handler, exc)
        self._loop.call_soon(self.on_room)

    def pre_shutdown(self) -> None:
        """Close idle connections. aiohttp's method would also stop reading the bodies of requests in progress."""
        for connection in self._connections:
            if isinstance(connection, Connection) and not (connection.busy or connection.awaits_first_request):
                connection.close()

    async def shutdown(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  # aiohttp's signature
        """Close each connection once its request is answered. After `timeout` seconds, close all that remain."""
        end = self._loop.time() + (timeout or 0.0)
        while self._unfinished() and self._loop.time() < end:
            await asyncio.sleep(min(0.02, max(end - self._loop.time(), 0.0)))
            self.pre_shutdown()
        self._next.cancel()
        if self._cutting is not None:
            self._cutting.cancel()
        await self._end_all()

    def _unfinished(self) -> bool:
        """Whether a request is in progress or might still arrive, or the bytes of a reply are still buffered."""
        return any(
            connection.busy or connection.awaits_first_request or self._connections[connection].get_write_buffer_size()
            for connection in self._ours()
        )

    def _ours(self) -> list[Connection]:
        return [connection for connection in self._connections if isinstance(connection, Connection)]

    async def _end_all(self) -> None:
        """Cancel the requests that are in progress, and drop all replies that have not been sent."""
        cut = sum(connection.busy for connection in self._ours())
        if cut:
            log.warning("requests cut off", reason="server.shutdown_timeout has passed", requests=cut)
        tasks = [task for connection in self._ours() if (task := connection.end())]
        for transport in list(self._connections.values()):
            transport.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=LAST_MOMENT)

    def sweep_soon(self) -> None:
        """Sweep within `MIN_INTERVAL`."""
        if self._next.when() > self._loop.time() + MIN_INTERVAL and not self._next.cancelled():
            self._next.cancel()
            self._next = self._loop.call_later(MIN_INTERVAL, self._sweep)

    def _sweep(self) -> None:
        """Limit the unread bytes at once. Start a search for slow clients, unless the last one is still running."""
        self._next = self._loop.call_later(self._interval, self._sweep)
        unread = sum(transport.get_write_buffer_size() for transport in self._connections.values())
        if unread > self._timeouts.unread:
            self._cut_off_slowest(unread - self._timeouts.unread // 2)
        if unread >= self._timeouts.unread // 4:
            self.sweep_soon()
        if self._cutting is None or self._cutting.done():
            self._cutting = self._loop.create_task(self._cut_off_late())

    async def _cut_off_late(self) -> None:
        """Cut off all slow clients, in slices, because many replies in a row would delay other clients' requests."""
        waiting = self._ours()
        while waiting:
            self._cut_slice(waiting)
            if waiting:
                await asyncio.sleep(BETWEEN_SLICES)
        if self._late and self._seldom.count():
            log.warning("slow clients cut off", **self._late)
            self._late.clear()
        await asyncio.sleep(MIN_INTERVAL)  # the next search aborts the connections that have not replied by then

    def _cut_slice(self, waiting: list[Connection]) -> None:
        """Check the last connections in `waiting`, and remove them from the list."""
        now, cut = self._loop.time(), 0
        for _ in range(min(CHECKED_IN_A_ROW, len(waiting))):
            connection = waiting.pop()
            transport = self._connections.get(connection)
            late = transport and connection.cut_if_late(transport, now, self._timeouts)
            if late is None:
                continue
            if late:
                self._late[late] += 1
            cut += 1
            if cut == CUT_IN_A_ROW:
                return

    def _cut_off_slowest(self, unread: int) -> None:
        """Free `unread` bytes. Until enough are free, abort the connection that has not read for the longest time."""
        now = self._loop.time()
        since = {connection: connection.unread_since(self._connections[connection], now) for connection in self._ours()}
        for connection in sorted(since, key=since.__getitem__):
            transport = self._connections[connection]
            buffered = transport.get_write_buffer_size()
            if unread <= 0:
                return
            if buffered:
                transport.abort()
                unread -= buffered
                self._late["unread"] += 1
