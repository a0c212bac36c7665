"""Ending the connections of clients that do not read what they asked for."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

WRITE_TIMEOUT: Final = 10.0
"""Seconds after which a client that stopped reading is cut off, at the latest; half of them at the earliest."""
SEND_BUFFER: Final = 64 * 1024
"""Bytes that the system keeps for one reader; its own choice would be megabytes, for each that does not read."""
WRITE_BUFFER: Final = 16 * 1024
"""Bytes that this process keeps for one reader before it waits."""


def keep_little(transport: asyncio.WriteTransport | None) -> None:
    """Bound what is kept for a reader of a long conversation."""
    if transport is None:
        return
    transport.set_write_buffer_limits(high=WRITE_BUFFER)
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)


@contextmanager
def cut_off_if_unread(transport: asyncio.WriteTransport | None, patience: float = WRITE_TIMEOUT) -> Iterator[None]:
    """While the block waits for a client to read: abort the connection if it takes nothing.

    A client that reads slowly is served to the end.
    """
    if transport is None:
        yield
        return
    watch = _Watch(transport, patience)
    try:
        yield
    finally:
        watch.stop()


class _Watch:
    """Looks at the end of each period whether what waits to be sent has become less."""

    def __init__(self, transport: asyncio.WriteTransport, patience: float) -> None:
        self._transport = transport
        self._patience = patience
        self._waiting: int | None = None
        self._look_later()

    def stop(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._patience / 2, self._look)

    def _look(self) -> None:
        before, self._waiting = self._waiting, self._transport.get_write_buffer_size()
        if before and self._waiting >= before:
            self._transport.abort()
        else:
            self._look_later()
