"""The events that wait for one subscriber of a feed: bounded, whatever the subscriber does."""

import asyncio
import math
from collections import deque
from collections.abc import Iterable
from enum import Enum
from typing import Final

from notification.domain.events import Arrived, Event, Reset

MAX_QUEUE: Final = 256
"""Events that may wait for one subscriber. One that falls further behind gets `Reset`, and then no more."""

TICK: Final = 0.1
"""Seconds. What is due for one of many is done on common ticks: a process that is idle sleeps between them, and
is not woken for each feed by itself."""


class Silence(Enum):
    """Why a listener hears nothing."""

    IDLE = "no event within the timeout"
    ENDED = "no further events"


class Listener:
    """The events that wait for one subscriber: first what it missed, then what happens.

    `missed` is taken from as the subscriber reads. `position`: from where to resume after the events taken so far; it
    never moves back.
    """

    def __init__(self, missed: Iterable[Event], position: str) -> None:
        self.position = position
        self._missed = iter(missed)
        self._events: deque[Event] = deque()
        self._ended = False
        self._news = asyncio.Event()

    def publish(self, events: Iterable[Event]) -> None:
        """Queue events. Never waits; a listener with too many of them is cut off."""
        if self._ended:
            return
        self._events.extend(events)
        if len(self._events) > MAX_QUEUE:
            self._missed = iter(())
            self._events = deque([Reset()])
            self._ended = True
        self._news.set()

    def end(self) -> None:
        """Give what waits, and then no more."""
        self._ended = True
        self._news.set()

    async def next_within(self, seconds: float) -> Event | Silence:
        """The next event; `IDLE` if none comes in time, `ENDED` if none will: the service stops, or the subscriber
        was too slow. Raises `DecodeError` where a notification that was missed is corrupt."""
        missed = next(self._missed, None)
        if missed is not None:
            return self._taken(missed)
        if not self._events and not self._ended:
            self._news.clear()
            try:
                async with asyncio.timeout_at(tick_after(seconds)):
                    await self._news.wait()
            except TimeoutError:
                return Silence.IDLE
        return self._taken(self._events.popleft()) if self._events else Silence.ENDED

    def _taken(self, event: Event) -> Event:
        if isinstance(event, Arrived):
            self.position = max(self.position, event.notification.id)
        return event


def tick_after(seconds: float) -> float:
    """The first tick after some seconds, in the event loop's time."""
    tick = min(TICK, seconds / 10)
    return math.ceil((asyncio.get_running_loop().time() + seconds) / tick) * tick if tick else 0.0
