"""Deadlines by the thousand, nearly all of which are met: for the price of an append each.

To start and stop a timer of the event loop for each costs some microseconds (uvloop). Deadlines of one length fall due
in the order in which they were set, so one timer for the oldest of those that are still open serves them all.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deadline(Generic[T]):
    """One that was set: `what` has to be done by `due`, in the event loop's time. `met`: it is."""

    __slots__ = ("due", "met", "what")

    def __init__(self, what: T, due: float) -> None:
        self.what = what
        self.due = due
        self.met = False


class Deadlines(Generic[T]):
    """Calls `expire` with what is not done within `seconds`."""

    def __init__(self, seconds: float, expire: Callable[[T], None]) -> None:
        self.seconds = seconds
        self._expire = expire
        self._open: deque[Deadline[T]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def set(self, what: T) -> Deadline[T]:
        """A deadline for `what`, from now on. Whoever sets it says when it is met."""
        loop = asyncio.get_running_loop()
        self._forget_met()
        deadline = Deadline(what, loop.time() + self.seconds)
        self._open.append(deadline)
        if self._timer is None:
            self._timer = loop.call_at(deadline.due, self._look)
        return deadline

    def __len__(self) -> int:
        """How many are kept: those that are open, and what was met behind the oldest of them."""
        return len(self._open)

    def _forget_met(self) -> None:
        while self._open and self._open[0].met:
            self._open.popleft()

    def _look(self) -> None:
        """Expire what is overdue, and look again when the oldest of the rest falls due."""
        loop = asyncio.get_running_loop()
        self._timer = None
        self._forget_met()
        while self._open and self._open[0].due <= loop.time():
            self._expire(self._open.popleft().what)
            self._forget_met()
        if self._open:
            self._timer = loop.call_at(self._open[0].due, self._look)
