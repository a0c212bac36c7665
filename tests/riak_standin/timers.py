"""Delayed callbacks that can all be cancelled."""

import asyncio
from collections.abc import Callable


class Timers:
    """Pending callbacks. After `close`, none of them runs and none can be added."""

    def __init__(self) -> None:
        self._handles: set[asyncio.TimerHandle] = set()
        self._closed = False

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Run `action` after a delay."""
        if self._closed:
            return

        def run() -> None:
            self._handles.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(seconds, run)
        self._handles.add(handle)

    def close(self) -> None:
        """Cancel all callbacks."""
        self._closed = True
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
