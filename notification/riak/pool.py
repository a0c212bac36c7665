"""The connections to one node. Their number is bounded, and idle connections are closed after some time."""

import asyncio
from collections import deque
from typing import NamedTuple

from notification.riak.connection import Connection
from notification.riak.dial import Dial
from notification.riak.errors import NodeUnavailable


class _Idle(NamedTuple):
    connection: Connection
    since: float


class Pool:
    """A pool of connections.

    `dial` opens a connection. `size` is the maximum number of connections. `max_idle` is the number of seconds after
    which an idle connection is closed. Each connection that is lent or being opened takes one of `size` slots. The most
    recently used idle connection is lent first.
    """

    def __init__(self, dial: Dial, size: int, max_idle: float) -> None:
        self._dial = dial
        self._max_idle = max_idle
        self._free = size
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._open: set[Connection] = set()
        self._idle: deque[_Idle] = deque()
        self._resets = 0
        self._reaper: asyncio.TimerHandle | None = None

    @property
    def open(self) -> int:
        """The number of open connections, idle or lent."""
        return len(self._open)

    def take(self) -> Connection | None:
        """Lend an idle connection without waiting; `None` if there is none. The borrower must call `give_back`."""
        if not self._free:  # if a connection is idle, a borrower that has waited is about to take it
            return None
        connection = self._newest_idle()
        if connection is not None:
            self._free -= 1
        return connection

    async def borrow(self) -> Connection:
        """Lend a connection; wait if all are lent. The borrower must call `give_back`.

        Raises what `dial` raises, and `NodeUnavailable` if the pool is reset during the wait. A cancelled call lends
        nothing.
        """
        resets = self._resets
        await self._take_slot()
        try:
            return await self._connection(resets)
        except BaseException:  # a dial that is cancelled must free its slot, too
            self._release_slot()
            raise

    def give_back(self, connection: Connection) -> None:
        """Take a borrowed connection back. The pool keeps it if it is still usable."""
        connection.used = True
        if connection.usable:
            self._keep(connection)
        self._release_slot()

    def reset(self) -> None:
        """Close all idle connections and make waiting borrowers fail, because the node is presumed down."""
        self._resets += 1
        for idle in tuple(self._idle):
            idle.connection.abort()
        self._idle.clear()
        self._stop_reaper()

    async def close(self) -> None:
        """Close all connections; calls in flight fail."""
        self.reset()
        connections = tuple(self._open)
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in connections))

    async def _connection(self, resets: int) -> Connection:
        if resets != self._resets:
            raise NodeUnavailable("the node went out of use while the request waited for a connection")
        return self._newest_idle() or await self._new()

    async def _take_slot(self) -> None:
        if self._free:
            self._free -= 1
            return
        slot = asyncio.get_running_loop().create_future()
        self._waiting.append(slot)
        try:
            await slot
        except asyncio.CancelledError:
            if not slot.cancelled():  # this borrower had already received the slot
                self._release_slot()
            raise

    def _release_slot(self) -> None:
        """Pass the slot to the borrower that has waited longest, so that no later borrower overtakes it."""
        while self._waiting:
            slot = self._waiting.popleft()
            if not slot.done():  # otherwise the borrower was cancelled
                slot.set_result(None)
                return
        self._free += 1

    def _newest_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop().connection
            if connection.usable:
                return connection
        return None

    async def _new(self) -> Connection:
        connection = await self._dial()
        connection.on_lost = self._forget
        self._open.add(connection)
        return connection

    def _keep(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        self._idle.append(_Idle(connection, loop.time()))
        if self._reaper is None:
            self._reaper = loop.call_later(self._max_idle, self._reap)

    def _forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._idle = deque(idle for idle in self._idle if idle.connection is not connection)

    def _reap(self) -> None:
        loop = asyncio.get_running_loop()
        self._reaper = None
        while self._idle and self._idle[0].since + self._max_idle <= loop.time():
            self._idle.popleft().connection.abort()
        if self._idle:
            self._reaper = loop.call_at(self._idle[0].since + self._max_idle, self._reap)

    def _stop_reaper(self) -> None:
        if self._reaper is not None:
            self._reaper.cancel()
            self._reaper = None
