"""Things that happen later, all of which can be called off."""

import asyncio
from collections.abc import Callable


class Timers:
    """Callbacks that wait. After `close` none of them runs, and none can be added."""

    def __init__(self) -> None:
        self._handles: set[asyncio.TimerHandle] = set()
        self._closed = False

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Run `action` after a while."""
        if self._closed:
            return

        def run() -> None:
            self._handles.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(seconds, run)
        self._handles.add(handle)

    def close(self) -> None:
        """Call everything off."""
        self._closed = True
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
