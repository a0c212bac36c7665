"""Where a node's clients come in: its port, and their connections."""

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

    While it is closed a socket stays bound to the port, without listening: clients are refused, and nobody else on
    the machine is given that port meanwhile.
    """

    def __init__(self, port: int, arrival: Arrival) -> None:
        self._reservation = _bound(port)
        self.port: int = self._reservation.getsockname()[1]
        self._connect = partial(arrival, self)
        self._connections: set[Connection] = set()
        self._arriving: set[asyncio.Task[None]] = set()
        self._listening: socket.socket | None = None

    def open(self) -> None:
        """Let clients in."""
        if self._listening is None:
            self._listening = _bound(self.port)
            self._listening.setblocking(False)
            self._listening.listen(1024)
            asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening)

    def close(self) -> None:
        """Refuse clients. Those that are in stay."""
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    def reset(self) -> None:
        """Throw everybody out."""
        for connection in list(self._connections):
            connection.reset()

    def connections(self) -> int:
        """How many clients are in."""
        return sum(connection.open for connection in self._connections)

    async def shut(self) -> None:
        """Close for good, and wait until nothing is left of it."""
        self.close()
        await asyncio.gather(*self._arriving)
        tasks = [connection.task for connection in self._connections]
        self.reset()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._reservation.close()

    def came(self, connection: Connection) -> None:
        """A client has come; too late, where the door was closed while it came."""
        self._connections.add(connection)
        if self._listening is None:
            connection.reset()

    def gone(self, connection: Connection) -> None:
        """A client has gone."""
        self._connections.discard(connection)

    def _accept(self, listening: socket.socket) -> None:
        # Not by `create_server`: a client it accepts as the server is closed stays open, and nobody ever answers it.
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
