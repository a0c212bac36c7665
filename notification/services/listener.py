"""The bounded queue of events for one subscriber of a feed."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Final

from notification.domain.events import Arrived, Event, Reset

MAX_QUEUE: Final = 256
"""Maximum number of queued events per subscriber. If a subscriber falls further behind, its last event is `Reset`."""


class Listener:
    """Queues the events for one subscriber: first the events that it missed, then new events.

    `missed` is consumed while the subscriber reads. `position`: the id from which the subscriber can resume after the
    events that it has taken; it never moves back. A process can have thousands of idle listeners, so an idle listener
    holds one future and no timer.
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
        """Whether the last event was taken. None follows if the service stops or the subscriber is too slow."""
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
        """End the queue. The subscriber still gets the queued events, but no new ones."""
        self._ended = True
        self.wake()

    def wake(self) -> None:
        """Wake the subscriber if it waits for an event."""
        news, self._news = self._news, None
        if news is not None and not news.done():  # it is done if the subscriber was cancelled
            news.set_result(None)

    def take(self) -> Event | None:
        """Return the next event; `None` if no event is queued.

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
        """Return a future that is done once an event might be queued, the queue has ended, or `wake` was called."""
        news = asyncio.get_running_loop().create_future()
        if self._events or self._ended or self._missed is not None:
            news.set_result(None)
        else:
            self._news = news
        return news

    async def next(self) -> Event | None:
        """Wait for the next event and return it; `None` if no event will follow. Raises the same errors as `take`."""
        while (event := self.take()) is None and not self._ended:
            await self.news()
        return event
