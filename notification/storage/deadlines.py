"""Deadlines by the thousand, nearly all of which are met, on one timer.

To start and stop a timer of the event loop for each costs some microseconds (uvloop). Deadlines of one length fall due
in the order in which they were set, so one timer for the oldest of those that are still open serves them all.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deadline(Generic[T]):
    """One that was set: `what` has to be done by `due`, in the event loop's time."""

    __slots__ = ("due", "what")

    def __init__(self, what: T, due: float) -> None:
        self.what = what
        self.due = due


class Deadlines(Generic[T]):
    """Calls `expire` with what is not done within `seconds`. What is done is let go of at once."""

    def __init__(self, seconds: float, expire: Callable[[T], None]) -> None:
        self.seconds = seconds
        self._expire = expire
        # Not a dict, which walks over what was taken out at its front to find its first key.
        self._open: OrderedDict[Deadline[T], None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def set(self, what: T) -> Deadline[T]:
        """A deadline for `what`, from now on. The caller reports with `meet` when it is done."""
        loop = asyncio.get_running_loop()
        deadline = Deadline(what, loop.time() + self.seconds)
        self._open[deadline] = None
        if self._timer is None:
            self._timer = loop.call_at(deadline.due, self._look)
        return deadline

    def meet(self, deadline: Deadline[T]) -> None:
        """It is met, or nothing waits for it any more; no change if it has expired."""
        self._open.pop(deadline, None)

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def _look(self) -> None:
        """Expire what is overdue, and look again when the oldest of the rest falls due."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._open:
            oldest = next(iter(self._open))
            if oldest.due > loop.time():
                self._timer = loop.call_at(oldest.due, self._look)
                break
            del self._open[oldest]
            self._expire(oldest.what)
