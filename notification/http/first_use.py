"""Values that few processes need and that are expensive to make: made for the first request that needs them."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class FirstUse(Generic[T]):
    """Makes a value in a thread, so that the event loop serves other requests meanwhile.

    All requests that need the value wait for the same thread. If `make` fails, all of them fail, and the next request
    tries again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._making: asyncio.Task[T] | None = None

    @property
    def begun(self) -> bool:
        """Whether the value exists or is being made."""
        return self._making is not None

    async def get(self) -> T:
        """Return the value. It is still made if the request that waits for it is cancelled."""
        if self._making is None or _has_failed(self._making):
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        return await asyncio.shield(self._making)


def _has_failed(making: asyncio.Task[T]) -> bool:
    return making.done() and (making.cancelled() or making.exception() is not None)
