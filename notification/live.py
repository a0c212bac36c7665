"""Live feeds: whoever watches a feed hears of every change, through whichever process it was made.

Changes of this process are heard as the buckets learn of them. Feeds that are watched are also polled for the writes of
others; while nothing was written a poll costs one round trip without a value, however many watch.
"""

import asyncio
import math
import random
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from enum import Enum
from typing import Final

import structlog

from notification.buckets import Bucket
from notification.cursors import cursor_key
from notification.errors import CorruptValue, NotificationError
from notification.events import Counted, Event, Reset, Watched
from notification.inbox import Inbox
from notification.observer import NOBODY, Observer
from siblings import Cursor, DecodeError, Feed
from siblings.ksuid import earlier

LONGEST_QUEUE: Final = 256
"""Events that may wait for one listener; who is further behind is told to read anew, and cut off."""
OVERLAP: Final = 15_000_000_000
"""Nanoseconds. A listener that comes back is told again of what was made in the last seconds before he left: another
process may have made an older id meanwhile, as its put may take this long. So each arrives at least once."""

TICK: Final = 0.1
"""Seconds. What is due for one of many is done on common ticks: a process that is idle sleeps between them, and
is not woken for each feed by itself."""

log = structlog.get_logger()


class Silence(Enum):
    """Why a listener hears nothing."""

    STILL = "nothing happened"
    ENDED = "nothing will"


class Listener:
    """One who watches a feed, and the events that wait for him: first what he missed, then what happens."""

    def __init__(self, missed: Iterable[Event]) -> None:
        self._missed = deque(missed)
        self._events: deque[Event] = deque()
        self._ended = False
        self._news = asyncio.Event()

    def tell(self, events: Iterable[Event]) -> None:
        """Let him hear of events, sooner or later."""
        if self._ended:
            return
        self._events.extend(events)
        if len(self._events) > LONGEST_QUEUE:
            self._events = deque([Reset()])
            self._ended = True
        self._news.set()

    def end(self) -> None:
        """He hears what waits for him, and then no more."""
        self._ended = True
        self._news.set()

    async def next_within(self, seconds: float) -> Event | Silence:
        """The next event; `STILL` where none comes in time, `ENDED` when there will be none: the service stops, or he
        was too slow."""
        waiting = self._missed or self._events
        if not waiting and not self._ended:
            self._news.clear()
            try:
                async with asyncio.timeout_at(_tick_after(seconds)):
                    await self._news.wait()
            except TimeoutError:
                return Silence.STILL
            waiting = self._events
        return waiting.popleft() if waiting else Silence.ENDED


class _Topic:
    """A feed that is watched, by whom, and the task that polls it."""

    def __init__(self) -> None:
        self.watched = Watched()
        self.listeners: set[Listener] = set()
        self.loading: asyncio.Task[None] | None = None
        self.polling: asyncio.Task[None] | None = None

    def publish(self, events: Iterable[Event]) -> None:
        """Let all who watch hear of events."""
        heard = list(events)
        for listener in self.listeners if heard else ():
            listener.tell(heard)

    def stop(self) -> None:
        """Ask no more."""
        for task in (self.loading, self.polling):
            if task is not None:
                task.cancel()


class Hub:
    """All feeds that are watched through this process. `interval`: seconds between two polls of one, on average."""

    def __init__(
        self,
        inbox: Inbox,
        feeds: Bucket[Feed],
        cursors: Bucket[Cursor],
        interval: float,
        observer: Observer = NOBODY,
    ) -> None:
        self._inbox = inbox
        self._interval = interval
        self._observer = observer
        self._listening = 0
        self._topics: dict[str, _Topic] = {}
        self._by_cursor: dict[str, _Topic] = {}
        feeds.on_learned(self._learn_feed)
        cursors.on_learned(self._learn_cursor)

    @property
    def listeners(self) -> int:
        """How many are listening."""
        return sum(len(topic.listeners) for topic in self._topics.values())

    @asynccontextmanager
    async def listen(self, username: str, since: str | None = None) -> AsyncIterator[Listener]:
        """Listen until the block ends. `since`: the newest id the listener knows of; first he hears what he missed.

        Raises `StoreUnavailable` and `CorruptValue` where the feed can't be read to begin with.
        """
        topic = await self._topic(username)
        known = topic.watched.since(earlier(since, OVERLAP), since) if since else [Counted(topic.watched.counts)]
        listener = Listener(known)
        topic.listeners.add(listener)
        self._count(1)
        try:
            yield listener
        finally:
            self._count(-1)
            topic.listeners.discard(listener)
            self._leave(username, topic)

    async def close(self) -> None:
        """All listeners hear what waits for them, and then no more."""
        for topic in self._topics.values():
            topic.stop()
            for listener in topic.listeners:
                listener.end()

    def _count(self, more: int) -> None:
        self._listening += more
        self._observer.subscribers(self._listening)

    async def _topic(self, username: str) -> _Topic:
        topic = self._topics.get(username)
        if topic is None:
            topic = self._topics[username] = self._by_cursor[cursor_key(username)] = _Topic()
            topic.loading = asyncio.create_task(self._poll(username, topic), name=f"load {username}")
            topic.polling = asyncio.create_task(self._keep_polling(username, topic), name=f"poll {username}")
        if topic.loading is not None:
            try:
                await asyncio.shield(topic.loading)
            except NotificationError:
                self._leave(username, topic)
                raise
        return topic

    def _leave(self, username: str, topic: _Topic) -> None:
        if not topic.listeners and self._topics.get(username) is topic:
            topic.stop()
            del self._topics[username], self._by_cursor[cursor_key(username)]

    async def _keep_polling(self, username: str, topic: _Topic) -> None:
        while True:
            pause = self._interval * random.uniform(0.75, 1.25)  # noqa: S311  # spreads polls
            await asyncio.sleep(_tick_after(pause) - asyncio.get_running_loop().time())
            try:
                await self._poll(username, topic)
            except NotificationError as error:
                log.warning("poll failed", username=username, reason=str(error))

    async def _poll(self, username: str, topic: _Topic) -> None:
        feed, seen, rules = await self._inbox.read(username, topic.watched)
        watched = topic.watched
        try:
            events = [*watched.learn_rules(rules), *watched.learn_feed(feed), *watched.learn_seen(seen)]
        except DecodeError as error:
            raise CorruptValue("notifications", username) from error
        topic.publish(events)

    def _learn_feed(self, username: str, feed: Feed) -> None:
        topic = self._topics.get(username)
        if topic is not None:
            try:
                topic.publish(topic.watched.learn_feed(feed))
            except DecodeError as error:
                log.warning("corrupt payload", username=username, reason=str(error))

    def _learn_cursor(self, key: str, cursor: Cursor) -> None:
        topic = self._by_cursor.get(key)
        if topic is not None:
            topic.publish(topic.watched.learn_seen(cursor.value))


def _tick_after(seconds: float) -> float:
    """The first tick after some seconds, in the event loop's time."""
    tick = min(TICK, seconds / 10)
    return math.ceil((asyncio.get_running_loop().time() + seconds) / tick) * tick if tick else 0.0
