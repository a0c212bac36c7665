"""Sends every change to a watched feed to all listeners of the feed, whichever process made the change.

The buckets report the changes that this process makes or reads. The hub also polls each watched feed for writes of
other processes. If nothing was written, a poll costs one round trip without a value, and the number of listeners does
not matter. All feeds share one poller, which limits the number of concurrent polls. So after it is loaded, a watched
feed has no task of its own.

The table shows the life cycle of a watched feed in this process; a test executes each row.

| state | event | next state | effect |
|---|---|---|---|
| absent | join | loading | starts a task that loads the feed |
| loading | join | loading | waits for the same load |
| loading | load succeeds | live | gives every caller a listener; the poller polls the feed |
| loading | load fails | absent | raises the error to every caller; the task ends |
| loading | last leaves | absent | cancels the load |
| loading | close | closed | cancels the load; listeners end |
| live | join | live | gives a listener what it missed from the feed in memory |
| live | change | live | queues the events for every listener |
| live | poll finds nothing | live | keeps the feed encoded until the next change |
| live | poll fails | live | logs the error and polls again |
| live | one leaves | live | forgets that listener |
| live | last leaves | absent | the poller forgets the feed; a poll under way ends without effect |
| live | close | closed | stops the poller; listeners receive what is queued, then end |
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Any, Final

import structlog

from notification.domain.errors import CorruptValue, NotificationError
from notification.domain.events import Counted, Event, WatchedFeed
from notification.services.cursors import SEEN
from notification.services.inbox import Inbox
from notification.services.listener import Listener
from notification.services.observer import NULL_OBSERVER, ServiceObserver
from notification.services.poller import CONCURRENCY, Poller
from notification.services.topic import Topic
from notification.storage.bucket import Bucket
from siblings import Cursor, DecodeError, Feed
from siblings.ksuid import earlier, encode

OVERLAP: Final = 15_000_000_000
"""Nanoseconds before its position from which a resumed listener receives the notifications again, marked as replayed.
A put can take this long, so another process may have stored a notification with an older id in the meantime. Because of
the overlap, each notification arrives at least once."""

OLDEST: Final = encode(0)
"""The position in an empty feed."""

log = structlog.get_logger()


class Hub:
    """All feeds that this process watches. `interval`: seconds between two polls of one feed."""

    def __init__(
        self,
        inbox: Inbox,
        feeds: Bucket[Feed],
        cursors: Bucket[Cursor],
        interval: float,
        observer: ServiceObserver = NULL_OBSERVER,
    ) -> None:
        self._inbox = inbox
        self._observer = observer
        self._listening = 0
        self._closed = False
        self._topics: dict[str, Topic] = {}
        self._poller = Poller(self._poll, interval, 1 if feeds.capabilities.reads_synchronously else CONCURRENCY)
        feeds.on_change(self._apply_feed)
        cursors.on_change(self._apply_cursor)

    @property
    def listeners(self) -> int:
        """Current number of listeners."""
        return self._listening

    @asynccontextmanager
    async def listen(self, username: str, since: str | None = None) -> AsyncIterator[Listener]:
        """Listen until the end of the `with` block. See `join`."""
        listener = await self.join(username, since)
        try:
            yield listener
        finally:
            self.leave(username, listener)

    async def join(self, username: str, since: str | None = None) -> Listener:
        """Return a listener. When the caller no longer needs it, it must pass it to `leave`.

        `since`: the newest id that the subscriber has received; the listener starts with the events after that id.
        Raises `StoreUnavailable` or `CorruptValue` if the feed can't be loaded.
        """
        topic = self._topic(username)
        topic.users += 1
        try:
            loaded = await topic.loaded()
            listener = _listener(topic.watched, since) if loaded else Listener((), OLDEST)
        except BaseException:
            self._release(topic)
            raise
        if not loaded or self._closed:
            listener.end()
        topic.listeners.add(listener)
        self._count(1)
        return listener

    def leave(self, username: str, listener: Listener) -> None:
        """Stop listening. `listener` is the result of `join`."""
        topic = self._topics[username]
        topic.listeners.discard(listener)
        self._count(-1)
        self._release(topic)

    async def close(self) -> None:
        """End all listeners. Their subscribers still get the events that are already queued."""
        self._closed = True
        self._poller.stop()
        for topic in self._topics.values():
            topic.stop()
            for listener in topic.listeners:
                listener.end()

    def _count(self, more: int) -> None:
        self._listening += more
        self._observer.subscribers(self._listening)

    def _topic(self, username: str) -> Topic:
        topic = self._topics.get(username)
        if topic is None:
            topic = self._topics[username] = Topic(username)
            topic.loading = _background(self._load(topic), f"load {username}")
        return topic

    def _release(self, topic: Topic) -> None:
        topic.users -= 1
        if not topic.users:
            topic.stop()
            self._poller.remove(topic)
            del self._topics[topic.username]

    async def _load(self, topic: Topic) -> None:
        await self._read(topic)
        topic.watched.rest()
        topic.loading = None
        if not self._closed:
            self._poller.add(topic)

    async def _poll(self, topic: Topic) -> None:
        try:
            await self._read(topic)
        except NotificationError as error:
            log.warning("poll failed", username=topic.username, reason=str(error))
        if topic.quiet:
            topic.watched.rest()
        topic.quiet = True

    async def _read(self, topic: Topic) -> None:
        """Read the changes since the last read, and publish them."""
        watched = topic.watched
        feed, seen, rules = await self._inbox.changes(topic.username, watched, topic.context)
        if feed is None and seen == watched.seen and rules is watched.rules:
            return
        try:
            events = watched.apply_rules(rules)
            events += [] if feed is None else watched.apply_feed(feed.value)
            events += watched.apply_seen(seen)
        except DecodeError as error:
            raise CorruptValue("notifications", topic.username) from error
        if feed is not None:
            topic.context = feed.context
        topic.publish(events)

    def _apply_feed(self, username: str, feed: Feed) -> None:
        topic = self._topics.get(username)
        if topic is not None:
            _publish(topic, lambda: topic.watched.apply_feed(feed), username)

    def _apply_cursor(self, key: str, cursor: Cursor) -> None:
        username, _, name = key.rpartition("-")
        topic = self._topics.get(username) if name == SEEN else None
        if topic is not None:
            _publish(topic, lambda: topic.watched.apply_seen(cursor.value), key)


def _publish(topic: Topic, apply: Callable[[], Iterable[Event]], key: str) -> None:
    """Publish the events of a change. A corrupt payload is only logged, because the acknowledged put must not fail."""
    try:
        topic.publish(apply())
    except DecodeError as error:
        log.warning("corrupt payload", key=key, reason=str(error))


def _listener(watched: WatchedFeed, since: str | None) -> Listener:
    if since:
        return Listener(watched.since(earlier(since, OVERLAP), since), since)
    return Listener([Counted(watched.counts)], watched.newest or OLDEST)


def _background(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Start a task whose log lines carry its own name, without the context of the request that started it."""
    context = Context()
    context.run(structlog.contextvars.bind_contextvars, task=name)
    return asyncio.create_task(work, name=name, context=context)
