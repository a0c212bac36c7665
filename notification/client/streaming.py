"""The live events of a feed, across as many connections as necessary."""

import dataclasses
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import aiohttp

from notification.client.errors import NotUnderstood, Unavailable
from notification.client.events import EventParser, ServerSentEvent
from notification.client.models import (
    Arrived,
    Cleared,
    Counted,
    Counts,
    Cursor,
    Event,
    Notification,
    Removed,
    Reset,
    Seen,
    parse,
)
from notification.client.retrying import RetryBudget
from notification.client.transport import Transport

IDLE_TIMEOUT: Final = 45.0
"""Seconds without a byte after which a connection counts as lost. The service sends a comment every 15 seconds."""

REMEMBERED: Final = 1000
"""Maximum number of notification ids to remember, which is the size of a feed's window."""

_ENDED: Final = "the service ended the stream"


@dataclass(frozen=True, slots=True)
class _SentNotification(Notification):
    """A notification on the wire. `replayed`: the service may have sent it before."""

    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _SentRemoval(Removed):
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _SentCursor(Cursor):
    replayed: bool = False


class _Deduplicator:
    """Drops events that a resumed stream repeats, and notifications created before the stream began.

    `since`: the id at which the stream began; empty while it is unknown.
    """

    def __init__(self, since: str) -> None:
        self.since = since
        self._arrived: dict[str, None] = {}
        self._removed: dict[str, None] = {}
        self._seen = ""

    def new_event(self, sent: object) -> Event | None:
        """Return the event to deliver for a decoded event of the service; `None` if it repeats earlier events."""
        match sent:
            case _SentNotification():
                return self._arrival(sent)
            case _SentRemoval():
                return self._removal(sent)
            case _SentCursor():
                is_new = not sent.replayed or sent.value > self._seen
                self._seen = max(self._seen, sent.value)
                return Seen(Cursor(sent.key, sent.value)) if is_new else None
            case Cleared() | Counted() | Reset():
                return sent
        return None

    def _arrival(self, sent: _SentNotification) -> Event | None:
        if sent.id in self._arrived or (sent.replayed and sent.id <= self.since):
            return None
        _remember(self._arrived, [sent.id])
        self._removed.pop(sent.id, None)
        fields = {field.name: getattr(sent, field.name) for field in dataclasses.fields(Notification)}
        return Arrived(Notification(**fields))

    def _removal(self, sent: _SentRemoval) -> Event | None:
        ids = tuple(id_ for id_ in sent.ids if not sent.replayed or id_ not in self._removed)
        _remember(self._removed, ids)
        for id_ in ids:
            # If two notifications have the same idempotency key, the removal of one can make the other appear again.
            self._arrived.pop(id_, None)
        return Removed(ids) if ids else None


def _remember(ids: dict[str, None], added: Iterable[str]) -> None:
    ids.update(dict.fromkeys(added))
    while len(ids) > REMEMBERED:
        del ids[next(iter(ids))]


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "notification": lambda data: parse(_SentNotification, data),
    "removed": lambda data: parse(_SentRemoval, data),
    "cleared": lambda data: Cleared(),
    "seen": lambda data: parse(_SentCursor, data),
    "counts": lambda data: Counted(parse(Counts, data)),
    "reset": lambda data: Reset(),
}


async def follow(transport: Transport, path: str, since: str) -> AsyncGenerator[Event, None]:
    """Yield events without end, from after the id `since`, or from now on if `since` is empty.
    Raises `Refused`, `ServerFailed`, `NotUnderstood`, and `Unavailable` if no connection succeeds within the retry
    deadline. Closing the generator closes the connection.
    """
    subscription = _Subscription(transport, path, since)
    while True:
        async with aclosing(subscription.events()) as events:
            async for event in events:
                yield event
        await subscription.wait_to_reconnect()


class _Subscription:
    """The state kept across connections: the id to resume from, the delivered events and the retry budget."""

    def __init__(self, transport: Transport, path: str, since: str) -> None:
        self._transport = transport
        self._path = path
        self._parser = EventParser(since)
        self._deduplicator = _Deduplicator(since)
        self._budget = RetryBudget(transport.retries)
        self._lost = Unavailable(_ENDED)
        self._is_reconnecting = False

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield the events of one connection until it is lost."""
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                for event in self._read(piece):
                    yield event

    async def wait_to_reconnect(self) -> None:
        """Pause before the next connection. Raises `Unavailable` if that connection would begin after the deadline."""
        if not await self._budget.pause(self._lost.retry_after or self._parser.retry):
            raise self._lost
        self._is_reconnecting = True
        self._parser = EventParser(self._parser.last_id)

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of one connection as they arrive, with an empty piece once it is open."""
        headers = {"Accept": "text/event-stream"}
        if self._parser.last_id:
            headers["Last-Event-ID"] = self._parser.last_id
        timeout = aiohttp.ClientTimeout(total=None, connect=self._transport.timeout, sock_read=IDLE_TIMEOUT)
        self._lost = Unavailable(_ENDED)
        try:
            async with self._transport.opened("GET", self._path, headers=headers, timeout=timeout) as response:
                _expect_event_stream(response)
                yield b""
                async for piece in response.content.iter_any():
                    yield piece
        except Unavailable as error:
            self._lost = error

    def _read(self, piece: bytes) -> Iterator[Event]:
        """Yield the events that a piece completes. An empty piece means that the connection is open."""
        if piece:
            self._budget.restart_deadline()
        elif self._is_reconnecting and not self._parser.last_id:
            yield Reset()
        for event in self._parser.feed(piece):
            sent = _decode(event)
            if sent is not None:
                yield from self._new_events(sent)

    def _new_events(self, sent: object) -> Iterator[Event]:
        if not isinstance(sent, Reset):  # a reset alone is no progress, because every connection can begin with one
            self._budget.reset()
        self._deduplicator.since = self._deduplicator.since or self._parser.last_id
        event = self._deduplicator.new_event(sent)
        if event is not None:
            yield event


def _expect_event_stream(response: aiohttp.ClientResponse) -> None:
    if response.content_type != "text/event-stream":
        raise NotUnderstood(f"the reply has content type {response.content_type}, not text/event-stream")


def _decode(event: ServerSentEvent) -> object:
    """Decode the data of an event; `None` if its type is unknown."""
    reader = _READERS.get(event.type)
    return reader(event.data) if reader else None
