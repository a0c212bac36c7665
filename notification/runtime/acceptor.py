"""Accepts connections up to a maximum number.

Further clients wait in the queue of the listening socket. Clients also wait there while the operating system has run
out of file descriptors.
"""

import asyncio
import errno
import resource
import socket
from collections.abc import Sequence
from typing import Final

import structlog

from notification.runtime.config import Config
from notification.runtime.gate import Gate
from notification.runtime.seldom import Seldom

BACKLOG: Final = 1024
"""Maximum number of connections that wait to be accepted."""
SEND_BUFFER: Final = 256 * 1024
"""Bytes of replies that the operating system buffers for a connection. Its default is several megabytes."""
RETRY_DELAY: Final = 1.0
"""Seconds until the next attempt if the operating system has run out of file descriptors or memory."""
RESERVED: Final = 128
"""File descriptors for everything except clients: the store's files, logs, listening sockets and operators."""
OPERATOR_CONNECTIONS: Final = 32
"""Maximum number of connections to `server.admin_port`. They are part of `RESERVED`."""
_EXHAUSTED: Final = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))

log = structlog.get_logger()


def connection_bound(config: Config) -> int:
    """Return the maximum number of connections: `server.max_connections`, or less if the descriptor limit is lower."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = config.server.max_connections
    if soft == resource.RLIM_INFINITY:
        return wanted or 2**20
    to_riak = len(config.riak.nodes) * config.riak.connections_per_node if config.storage == "riak" else 0
    room = max(soft - RESERVED - to_riak, soft // 4, 1)
    if wanted is not None and wanted > room:
        log.warning("server.max_connections is above the descriptor limit", max_connections=wanted, bound=room)
    return min(wanted or room, room)


class Acceptor:
    """Accepts connections on bound sockets and passes them to a `Gate`, as long as it has fewer than `bound`."""

    def __init__(self, sockets: Sequence[socket.socket], gate: Gate, bound: int) -> None:
        self._sockets = sockets
        self._gate = gate
        self._bound = bound
        self._loop = asyncio.get_running_loop()
        self._arriving: set[asyncio.Task[None]] = set()
        self._accepting = False
        self._full, self._exhausted = Seldom(), Seldom()

    def start(self) -> None:
        """Listen on the sockets, and accept connections."""
        for listening in self._sockets:
            listening.setblocking(False)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)  # accepted sockets inherit it
            listening.listen(BACKLOG)
        self._gate.on_room = self._resume
        self._resume()

    async def stop(self) -> None:
        """Close the listening sockets. The gate keeps the connections that were already accepted."""
        self._pause()
        self._gate.on_room = lambda: None
        for listening in self._sockets:
            listening.close()
        if self._arriving:
            await asyncio.wait(self._arriving)

    def _resume(self) -> None:
        if self._accepting or self._has_no_room():
            return
        self._accepting = True
        for listening in self._sockets:
            if listening.fileno() >= 0:
                self._loop.add_reader(listening.fileno(), self._accept, listening)

    def _pause(self) -> None:
        self._accepting = False
        for listening in self._sockets:
            if listening.fileno() >= 0:
                self._loop.remove_reader(listening.fileno())

    def _has_no_room(self) -> bool:
        return len(self._gate) + len(self._arriving) >= self._bound

    def _accept(self, listening: socket.socket) -> None:
        """Accept one connection, so that others have their turn of the event loop between two of them."""
        if self._has_no_room():
            self._wait_for_room()
            return
        try:
            accepted, _ = listening.accept()
        except OSError as error:
            self._handle_error(error)
            return
        arrival = self._loop.create_task(self._hand_over(accepted))
        self._arriving.add(arrival)
        arrival.add_done_callback(self._has_arrived)

    def _wait_for_room(self) -> None:
        self._pause()
        if self._full.count():
            log.warning("no room for more connections", bound=self._bound)

    def _handle_error(self, error: OSError) -> None:
        """Pause if the operating system has run out of resources. Ignore every other error, because it means that the
        client disconnected before its connection was accepted."""
        if error.errno not in _EXHAUSTED:
            return
        self._pause()
        self._loop.call_later(RETRY_DELAY, self._resume)
        if self._exhausted.count():
            log.warning("no connection can be accepted", reason=error.strerror, open=len(self._gate))

    async def _hand_over(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._gate, accepted)
        except OSError:  # the client has disconnected
            accepted.close()

    def _has_arrived(self, arrival: asyncio.Task[None]) -> None:
        self._arriving.discard(arrival)
        self._resume()
