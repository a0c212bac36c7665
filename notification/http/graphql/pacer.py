"""Turns of the event loop, one for each who waits."""

import asyncio
from collections import deque


class Pacer:
    """Lets one waiter go in each turn of the event loop, first come, first served.

    An event for a thousand subscribers is a thousand executions of a document, a millisecond each. All at once they
    would delay every request by a second; one by one, with everything else that is ready between them, they do not.
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
            loop.call_soon(self._give, loop)
        await turn

    def _give(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # it was cancelled
                turn.set_result(None)
                break
        self._is_running = bool(self._waiting)
        if self._waiting:
            loop.call_soon(self._give, loop)
