"""Wake idle streams, so that they send a comment."""

import asyncio
from collections import deque
from typing import Final

from notification.services.listener import Listener
from notification.services.wheel import TimerWheel

IN_A_ROW: Final = 50
"""Maximum number of streams that wake in one turn of the event loop. Other requests can run between two turns."""


class Heartbeats:
    """The heartbeats of all streams, with one timer. `interval`: seconds of silence after which a stream is woken.

    The timer runs only while there are streams. A stream is removed by its handler.
    """

    def __init__(self, interval: float) -> None:
        self._wheel = TimerWheel[Listener](interval, self._enqueue)
        self._due: deque[Listener] = deque()

    def restart(self, listener: Listener) -> None:
        """Postpone the heartbeat of a stream until one interval from now. Call it when the stream sends something."""
        self._wheel.place(listener)

    def remove(self, listener: Listener) -> None:
        """Stop the heartbeats of a stream."""
        self._wheel.remove(listener)

    def _enqueue(self, listeners: list[Listener]) -> None:
        is_waking = bool(self._due)
        self._due.extend(listeners)
        if not is_waking:
            self._wake()

    def _wake(self) -> None:
        for _ in range(min(IN_A_ROW, len(self._due))):
            self._due.popleft().wake()
        if self._due:
            asyncio.get_running_loop().call_soon(self._wake)
