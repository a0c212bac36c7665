"""The bounded queue of events for one subscriber of a feed."""

import asyncio
import math
from collections import deque
from collections.abc import Iterable
from enum import Enum
from typing import Final

from notification.domain.events import Arrived, Event, Reset

MAX_QUEUE: Final = 256
"""Maximum number of queued events per subscriber. A subscriber that falls further behind gets `Reset`, then no more."""

TICK: Final = 0.1
"""Seconds between common ticks. Timers of all feeds fire on these ticks, so an idle process is woken less often."""


class Silence(Enum):
    """Why `next_within` returned no event."""

    IDLE = "no event within the timeout"
    ENDED = "no further events"


class Listener:
    """Queues the events for one subscriber: first those that it missed, then new ones.

    `missed` is consumed as the subscriber reads. `position`: the id to resume from after the events taken so far; it
    never moves back.
    """

    def __init__(self, missed: Iterable[Event], position: str) -> None:
        self.position = position
        self._missed = iter(missed)
        self._events: deque[Event] = deque()
        self._ended = False
        self._news = asyncio.Event()

    def publish(self, events: Iterable[Event]) -> None:
        """Queue events without waiting. If too many are queued, replace them with `Reset` and end."""
        if self._ended:
            return
        self._events.extend(events)
        if len(self._events) > MAX_QUEUE:
            self._missed = iter(())
            self._events = deque([Reset()])
            self._ended = True
        self._news.set()

    def end(self) -> None:
        """Deliver the queued events, then no more."""
        self._ended = True
        self._news.set()

    async def next_within(self, seconds: float) -> Event | Silence:
        """Return the next event; `IDLE` if none arrives within `seconds`; `ENDED` after the last event, because the
        service stops or the subscriber was too slow. Raises `DecodeError` if a missed notification is corrupt."""
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
    """Return the first tick that is at least `seconds` from now, in the event loop's time."""
    tick = min(TICK, seconds / 10)
    return math.ceil((asyncio.get_running_loop().time() + seconds) / tick) * tick if tick else 0.0
