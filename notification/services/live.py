"""Sends every change of a watched feed to all its listeners, whichever process made it.

The buckets report the changes that this process makes or reads. The hub also polls each watched feed for writes of
other processes. If nothing was written, a poll costs one round trip without a value, however many listeners there are.

The life cycle of a watched feed in this process (a test executes each row):

| state | event | next state | effect |
|---|---|---|---|
| absent | join | loading | starts one task that loads the feed and one that polls it |
| loading | join | loading | waits for the same load |
| loading | load succeeds | live | gives every caller a listener |
| loading | load fails | absent | raises the error to every caller; the tasks end |
| loading | last leaves | absent | cancels both tasks |
| loading | close | closed | cancels both tasks; listeners end |
| live | join | live | gives a listener what it missed from the feed in memory |
| live | change | live | queues the events for every listener |
| live | poll fails | live | logs the error and polls again |
| live | one leaves | live | forgets that listener |
| live | last leaves | absent | cancels polling |
| live | close | closed | listeners receive what is queued, then end |
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Any, Final

import structlog

from notification.domain.errors import CorruptValue, NotificationError
from notification.domain.events import Counted, Event, WatchedFeed
from notification.services.cursors import cursor_key
from notification.services.inbox import Inbox
from notification.services.listener import Listener, tick_after
from notification.services.observer import NULL_OBSERVER, ServiceObserver
from notification.storage.bucket import Bucket
from siblings import Cursor, DecodeError, Feed
from siblings.ksuid import earlier, encode

OVERLAP: Final = 15_000_000_000
"""Nanoseconds. A resumed listener receives the notifications of this period before its position again, marked as
replayed. Another process may have stored an older id meanwhile, because a put can take this long. So each notification
arrives at least once."""

OLDEST: Final = encode(0)
"""The position in an empty feed."""

log = structlog.get_logger()


class _Topic:
    """A watched feed, its listeners and the tasks that load and poll it.

    `users`: number of callers that listen or wait for the first load. The tasks stop when it reaches zero.
    """

    def __init__(self) -> None:
        self.watched = WatchedFeed()
        self.listeners: set[Listener] = set()
        self.users = 0
        self.tasks: list[asyncio.Task[None]] = []

    async def loaded(self) -> bool:
        """Wait for the first load and raise its error, if any. Return `False` if the service stopped the load."""
        loading = self.tasks[0]
        await asyncio.wait([loading])
        if not loading.cancelled():
            loading.result()
        return not loading.cancelled()

    def publish(self, events: Iterable[Event]) -> None:
        """Queue events for every listener."""
        heard = list(events)
        for listener in self.listeners if heard else ():
            listener.publish(heard)

    def stop(self) -> None:
        """Stop loading and polling."""
        for task in self.tasks:
            task.cancel()
            if task.done() and not task.cancelled():
                task.exception()  # retrieve the error, because no caller is left to do so


class Hub:
    """All feeds that this process watches. `interval`: average seconds between two polls of one feed."""

    def __init__(
        self,
        inbox: Inbox,
        feeds: Bucket[Feed],
        cursors: Bucket[Cursor],
        interval: float,
        observer: ServiceObserver = NULL_OBSERVER,
    ) -> None:
        self._inbox = inbox
        self._interval = interval
        self._observer = observer
        self._listening = 0
        self._closed = False
        self._topics: dict[str, _Topic] = {}
        self._by_cursor: dict[str, _Topic] = {}
        feeds.on_change(self._apply_feed)
        cursors.on_change(self._apply_cursor)

    @property
    def listeners(self) -> int:
        """Current number of listeners."""
        return sum(len(topic.listeners) for topic in self._topics.values())

    @asynccontextmanager
    async def listen(self, username: str, since: str | None = None) -> AsyncIterator[Listener]:
        """Listen until the block ends. `since`: the newest id that the listener knows; the events after it come first.

        Raises `StoreUnavailable` and `CorruptValue` if the first load fails.
        """
        topic = self._join(username)
        try:
            loaded = await topic.loaded()
            listener = _listener(topic.watched, since) if loaded else Listener((), OLDEST)
            if not loaded or self._closed:
                listener.end()
            topic.listeners.add(listener)
            self._count(1)
            try:
                yield listener
            finally:
                self._count(-1)
                topic.listeners.discard(listener)
        finally:
            self._leave(username, topic)

    async def close(self) -> None:
        """End all listeners. Each still delivers the events in its queue."""
        self._closed = True
        for topic in self._topics.values():
            topic.stop()
            for listener in topic.listeners:
                listener.end()

    def _count(self, more: int) -> None:
        self._listening += more
        self._observer.subscribers(self._listening)

    def _join(self, username: str) -> _Topic:
        topic = self._topics.get(username)
        if topic is None:
            topic = self._topics[username] = self._by_cursor[cursor_key(username)] = _Topic()
            topic.tasks = [
                _background(self._poll(username, topic), f"load {username}"),
                _background(self._keep_polling(username, topic), f"poll {username}"),
            ]
        topic.users += 1
        return topic

    def _leave(self, username: str, topic: _Topic) -> None:
        topic.users -= 1
        if not topic.users:
            topic.stop()
            del self._topics[username], self._by_cursor[cursor_key(username)]

    async def _keep_polling(self, username: str, topic: _Topic) -> None:
        while True:
            pause = self._interval * random.uniform(0.75, 1.25)  # noqa: S311  # spreads polls
            await asyncio.sleep(tick_after(pause) - asyncio.get_running_loop().time())
            try:
                await self._poll(username, topic)
            except NotificationError as error:
                log.warning("poll failed", username=username, reason=str(error))

    async def _poll(self, username: str, topic: _Topic) -> None:
        feed, seen, rules = await self._inbox.read(username, topic.watched)
        watched = topic.watched
        try:
            events = [*watched.apply_rules(rules), *watched.apply_feed(feed), *watched.apply_seen(seen)]
        except DecodeError as error:
            raise CorruptValue("notifications", username) from error
        topic.publish(events)

    def _apply_feed(self, username: str, feed: Feed) -> None:
        topic = self._topics.get(username)
        if topic is not None:
            _publish(topic, lambda: topic.watched.apply_feed(feed), username)

    def _apply_cursor(self, key: str, cursor: Cursor) -> None:
        topic = self._by_cursor.get(key)
        if topic is not None:
            _publish(topic, lambda: topic.watched.apply_seen(cursor.value), key)


def _publish(topic: _Topic, apply: Callable[[], Iterable[Event]], key: str) -> None:
    """Publish the events of a change. Log a corrupt payload: the acknowledged put must not fail."""
    try:
        topic.publish(apply())
    except DecodeError as error:
        log.warning("corrupt payload", key=key, reason=str(error))


def _listener(watched: WatchedFeed, since: str | None) -> Listener:
    if since:
        return Listener(watched.since(earlier(since, OVERLAP), since), since)
    return Listener([Counted(watched.counts)], watched.feed.newest or OLDEST)


def _background(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Start a task whose log lines carry its own name, without the context of the request that started it."""
    context = Context()
    context.run(structlog.contextvars.bind_contextvars, task=name)
    return asyncio.create_task(work, name=name, context=context)
