"""Disconnect clients that do not read their replies."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

WRITE_TIMEOUT: Final = 10.0
"""Maximum seconds until a client that has stopped reading is disconnected. The minimum is half as long."""
SEND_BUFFER: Final = 64 * 1024
"""Bytes that the operating system buffers for one client. By default, it buffers megabytes for each slow client."""
WRITE_BUFFER: Final = 16 * 1024
"""Bytes that this process buffers for one client before it waits."""


def bound_buffers(transport: asyncio.WriteTransport | None) -> None:
    """Bound the buffers of a long-lived connection."""
    if transport is None:
        return
    transport.set_write_buffer_limits(high=WRITE_BUFFER)
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)


@contextmanager
def cut_off_if_unread(transport: asyncio.WriteTransport | None, timeout: float = WRITE_TIMEOUT) -> Iterator[None]:
    """Abort the connection if the client reads nothing while the block runs.

    A client that reads slowly but steadily is not disconnected.
    """
    if transport is None:
        yield
        return
    watch = _Watch(transport, timeout)
    try:
        yield
    finally:
        watch.stop()


class _Watch:
    """Checks a connection every `timeout / 2` seconds, and aborts it if its write buffer did not shrink."""

    def __init__(self, transport: asyncio.WriteTransport, timeout: float) -> None:
        self._transport = transport
        self._timeout = timeout
        self._unsent: int | None = None
        self._schedule()

    def stop(self) -> None:
        """Stop watching."""
        self._timer.cancel()

    def _schedule(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._timeout / 2, self._check)

    def _check(self) -> None:
        before, self._unsent = self._unsent, self._transport.get_write_buffer_size()
        if before and self._unsent >= before:
            self._transport.abort()
        else:
            self._schedule()
