"""Spread work over turns of the event loop."""

import asyncio
from collections import deque


class Pacer:
    """Releases one waiter in each turn of the event loop, in order of arrival.

    An event for a thousand subscribers executes a document a thousand times, one millisecond each. In a single turn,
    these executions would delay every request by a second. With one execution in each turn, other work can run in
    between.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_running = False

    async def turn(self) -> None:
        """Wait for a turn."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if not self._is_running:
            self._is_running = True
            loop.call_soon(self._release, loop)
        await turn

    def _release(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # a cancelled waiter is done, and gets no turn
                turn.set_result(None)
                break
        self._is_running = bool(self._waiting)
        if self._waiting:
            loop.call_soon(self._release, loop)
