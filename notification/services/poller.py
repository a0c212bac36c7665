"""Polls many members in turn with few tasks."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Final, Generic, TypeVar

import structlog

from notification.services.wheel import SLOTS, TimerWheel

CONCURRENCY: Final = 64
"""Maximum number of polls that wait for the store at the same time."""
SLICE: Final = 0.0025
"""Seconds of polls before other work gets a turn of the event loop, if the store never waits: time for about 200 feeds
that have not changed, or for three feeds of 100 that new rules count anew."""

K = TypeVar("K")

log = structlog.get_logger()


class Poller(Generic[K]):
    """Calls `poll` with each member once in each interval, never twice at the same time. Polls are spread evenly.

    `concurrency`: maximum number of polls at the same time. The others wait; a member waits at most once. `poll` may
    still run for a member that was removed meanwhile. It handles the errors of the store. Other errors are defects,
    which are logged, and the member's next poll follows as usual.
    """

    def __init__(self, poll: Callable[[K], Awaitable[None]], interval: float, concurrency: int = CONCURRENCY) -> None:
        self._poll = poll
        self._concurrency = concurrency
        self._wheel = TimerWheel[K](interval, self._enqueue)
        self._due: dict[K, None] = {}
        """Members that wait for a task, in order."""
        self._polled: set[K] = set()
        """Members whose poll runs."""
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self._wheel)

    def add(self, member: K) -> None:
        """Poll a member from now on, for the first time at a random moment within the interval."""
        self._wheel.place(member, random.randint(1, SLOTS))  # noqa: S311  # spreads polls

    def remove(self, member: K) -> None:
        """Start no more polls of a member."""
        self._wheel.remove(member)
        self._due.pop(member, None)

    def stop(self) -> None:
        """Cancel all polls, and start no more."""
        self._wheel.stop()
        self._due.clear()
        for task in self._tasks:
            task.cancel()

    def _enqueue(self, members: list[K]) -> None:
        self._due.update((member, None) for member in members if member not in self._polled)
        self._start_tasks()

    def _start_tasks(self) -> None:
        """Start as many tasks as there is work for. Their log lines have no fields of the caller's request."""
        for _ in range(min(len(self._due), self._concurrency - len(self._tasks))):
            task = asyncio.create_task(self._work(), name="poll feeds", context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    async def _work(self) -> None:
        """Poll until no member waits."""
        structlog.contextvars.bind_contextvars(task="poll feeds")
        loop = asyncio.get_running_loop()
        end = loop.time() + SLICE
        while self._due:
            member = next(iter(self._due))
            del self._due[member]
            self._polled.add(member)
            try:
                await self._poll(member)
            finally:
                self._polled.discard(member)
            if loop.time() >= end:
                await asyncio.sleep(0)
                end = loop.time() + SLICE

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("defect", task=task.get_name(), exc_info=error)
            self._start_tasks()
