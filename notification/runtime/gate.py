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
"""Seconds between two sweeps."""
MIN_INTERVAL: Final = 0.05
"""Seconds between two sweeps while many bytes of replies are unread."""
LAST_MOMENT: Final = 0.25
"""Seconds that requests may take to end once they are cancelled."""

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
        self.on_room: Callable[[], None] = lambda: None
        """Called after a connection has ended."""

    def __call__(self) -> Connection:
        """Return the protocol of a new connection."""
        return Connection(self, self.sweep_soon, loop=self._loop, **self._kwargs)

    def __len__(self) -> int:
        """Return the number of open connections."""
        return len(self._connections)

    def __bool__(self) -> bool:
        """Return True, even without connections."""
        return True

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Remove a connection."""
        super().connection_lost(handler, exc)
        self._loop.call_soon(self.on_room)

    def pre_shutdown(self) -> None:
        """Close idle connections. aiohttp would also stop reading bodies that are arriving."""
        for connection in self._connections:
            if isinstance(connection, Connection) and not (connection.busy or connection.awaits_first_request):
                connection.close()

    async def shutdown(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  # aiohttp's signature
        """Close each connection once its request is answered, and all others after `timeout` seconds."""
        end = self._loop.time() + (timeout or 0.0)
        while self._unfinished() and self._loop.time() < end:
            await asyncio.sleep(min(0.02, max(end - self._loop.time(), 0.0)))
            self.pre_shutdown()
        self._next.cancel()
        await self._end_all()

    def _unfinished(self) -> bool:
        """Return whether a request is in progress or may arrive, or a reply has not reached its client's system."""
        return any(
            one.busy or one.awaits_first_request or self._connections[one].get_write_buffer_size()
            for one in self._ours()
        )

    def _ours(self) -> list[Connection]:
        return [connection for connection in self._connections if isinstance(connection, Connection)]

    async def _end_all(self) -> None:
        """Cancel the requests that still run, and drop the replies that are not sent."""
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
            self.sweep_soon()
        if self._late and self._seldom.count():
            log.warning("slow clients cut off", **self._late)
            self._late.clear()

    def _cut_off_slowest(self, unread: int) -> None:
        """Free `unread` bytes: close the connections whose clients have not read for longest, until enough is free."""
        for connection in sorted(self._ours(), key=Connection.since):
            transport = self._connections[connection]
            left = transport.get_write_buffer_size()
            if unread <= 0:
                return
            if left:
                transport.abort()
                unread -= left
                self._late["unread"] += 1
