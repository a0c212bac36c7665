"""The port of a node and the connections of its clients."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from tests.riak_standin.connection import Connection

HOST = "127.0.0.1"

Arrival = Callable[["Door"], Connection]


class Door:
    """A port that can be closed and opened again.

    While it is closed, a socket stays bound to the port without listening. Clients are refused, and no other process
    gets the port.
    """

    def __init__(self, port: int, arrival: Arrival) -> None:
        self._reservation = _bound(port)
        self.port: int = self._reservation.getsockname()[1]
        self._connect = partial(arrival, self)
        self._connections: set[Connection] = set()
        self._arriving: set[asyncio.Task[None]] = set()
        self._listening: socket.socket | None = None

    def open(self) -> None:
        """Accept connections."""
        if self._listening is None:
            self._listening = _bound(self.port)
            self._listening.setblocking(False)
            self._listening.listen(1024)
            asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening)

    def close(self) -> None:
        """Refuse new connections; open ones stay."""
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    def reset(self) -> None:
        """Abort all connections."""
        for connection in list(self._connections):
            connection.reset()

    def connections(self) -> int:
        """The number of open connections."""
        return sum(connection.open for connection in self._connections)

    async def shut(self) -> None:
        """Close the port and wait until all connections have ended."""
        self.close()
        await asyncio.gather(*self._arriving)
        tasks = [connection.task for connection in self._connections]
        self.reset()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._reservation.close()

    def came(self, connection: Connection) -> None:
        """Register a connection; abort it if the port was closed meanwhile."""
        self._connections.add(connection)
        if self._listening is None:
            connection.reset()

    def gone(self, connection: Connection) -> None:
        """Remove a connection."""
        self._connections.discard(connection)

    def _accept(self, listening: socket.socket) -> None:
        # Not with `create_server`: a connection accepted while that server closes stays open without a reader.
        with suppress(BlockingIOError):
            client, _ = listening.accept()
            client.setblocking(False)
            task = asyncio.get_running_loop().create_task(self._admit(client))
            self._arriving.add(task)
            task.add_done_callback(self._arriving.discard)

    async def _admit(self, client: socket.socket) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(self._connect, client)


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError:
        bound.close()
        raise
    return bound
