"""The bounded queue of events for one subscriber of a feed."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Final

from notification.domain.events import Arrived, Event, Reset

MAX_QUEUE: Final = 256
"""Maximum number of queued events per subscriber. A subscriber that falls further behind gets `Reset`, then no more."""


class Listener:
    """Queues the events for one subscriber: first those that it missed, then new ones.

    `missed` is consumed as the subscriber reads. `position`: the id to resume from after the events taken so far; it
    never moves back. A process has thousands of idle listeners, so an idle one holds one future and no timer.
    """

    __slots__ = ("_ended", "_events", "_missed", "_news", "position")

    def __init__(self, missed: Iterable[Event], position: str) -> None:
        self.position = position
        self._missed: Iterator[Event] | None = iter(missed)
        self._events: list[Event] = []
        self._ended = False
        self._news: asyncio.Future[None] | None = None

    @property
    def ended(self) -> bool:
        """Whether no event is left and none will follow, because the service stops or the subscriber was too slow."""
        return self._ended and not self._events and self._missed is None

    def publish(self, events: Iterable[Event]) -> None:
        """Queue events without waiting. If too many are queued, replace them with `Reset` and end."""
        if self._ended:
            return
        self._events.extend(events)
        if len(self._events) > MAX_QUEUE:
            self._missed = None
            self._events = [Reset()]
            self._ended = True
        self.wake()

    def end(self) -> None:
        """Deliver the queued events, then no more."""
        self._ended = True
        self.wake()

    def wake(self) -> None:
        """End the wait of the subscriber."""
        news, self._news = self._news, None
        if news is not None and not news.done():  # it is done if the subscriber was cancelled
            news.set_result(None)

    def take(self) -> Event | None:
        """Return the next event; `None` if there is none now.

        Raises `DecodeError` if a missed notification is corrupt.
        """
        event = None if self._missed is None else next(self._missed, None)
        if event is None:
            self._missed = None
            event = self._events.pop(0) if self._events else None
        if isinstance(event, Arrived):
            self.position = max(self.position, event.notification.id)
        return event

    def news(self) -> asyncio.Future[None]:
        """Return a future that is done once there may be an event, or none will follow, or `wake` was called."""
        news = asyncio.get_running_loop().create_future()
        if self._events or self._ended or self._missed is not None:
            news.set_result(None)
        else:
            self._news = news
        return news

    async def next(self) -> Event | None:
        """Wait for the next event and return it; `None` if none will follow. Raises what `take` raises."""
        while (event := self.take()) is None and not self._ended:
            await self.news()
        return event
