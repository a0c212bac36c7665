"""Make expensive values, which few processes need, when the first request needs them."""

import asyncio
import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_ONE_AT_A_TIME: Final = threading.Lock()
"""Lets one thread import at a time, because in a cycle of imports another thread could see an incomplete module."""


class FirstUse(Generic[T]):
    """Makes a value in a thread, so that the event loop serves other requests meanwhile.

    All requests that need the value wait for the same thread. If `make` fails, all of them fail, and the next request
    tries again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._making: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """Return the value; make it first if necessary. A cancelled caller does not stop the thread that makes it."""
        if self._making is None or _has_failed(self._making):
            self._making = asyncio.create_task(asyncio.to_thread(self._make_alone))
        return await asyncio.shield(self._making)

    async def if_begun(self) -> T | None:
        """Return the value; wait for it if it is being made.

        Returns `None` if no request has needed it, or if `make` failed.
        """
        if self._making is None:
            return None
        await asyncio.wait([self._making])
        return None if _has_failed(self._making) else self._making.result()

    def _make_alone(self) -> T:
        with _ONE_AT_A_TIME:
            return self._make()


def _has_failed(making: asyncio.Task[T]) -> bool:
    return making.done() and (making.cancelled() or making.exception() is not None)
