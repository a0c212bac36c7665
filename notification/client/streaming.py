"""A feed's live events, over as many connections as it takes."""

import dataclasses
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
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
from notification.client.retrying import Patience
from notification.client.transport import Transport

SILENCE: Final = 45.0
"""Seconds without a byte until a connection counts as lost: the service sends a comment every 15."""

REMEMBERED: Final = 1000
"""Ids of notifications: as many as a feed holds."""


@dataclass(frozen=True, slots=True)
class _Sent(Notification):
    """A notification as a stream sends it. `replayed`: it may have been sent before."""

    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _SentRemoval(Removed):
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _SentCursor(Cursor):
    replayed: bool = False


class _Delivered:
    """What was delivered. When a stream is resumed, the service sends again what may not have arrived.

    Of that, only what is new here is delivered, and nothing that was made before the stream began.
    """

    def __init__(self, since: str) -> None:
        self.since = since
        self._arrived: dict[str, None] = {}
        self._removed: dict[str, None] = {}
        self._seen = ""

    def news(self, sent: object) -> Event | None:
        """The event to deliver for what was sent; `None` if there is nothing new in it."""
        match sent:
            case _Sent():
                return self._arrival(sent)
            case _SentRemoval():
                return self._removal(sent)
            case _SentCursor():
                is_news = not sent.replayed or sent.value > self._seen
                self._seen = max(self._seen, sent.value)
                return Seen(Cursor(sent.key, sent.value)) if is_news else None
            case Cleared() | Counted() | Reset():
                return sent
        return None

    def _arrival(self, sent: _Sent) -> Event | None:
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
            self._arrived.pop(id_, None)  # one of two made under one key may come back when the other is removed
        return Removed(ids) if ids else None


def _remember(known: dict[str, None], ids: Iterable[str]) -> None:
    known.update(dict.fromkeys(ids))
    while len(known) > REMEMBERED:
        del known[next(iter(known))]


_EVENTS: Final[Mapping[str, Callable[[str], object]]] = {
    "notification": lambda data: parse(_Sent, data),
    "removed": lambda data: parse(_SentRemoval, data),
    "cleared": lambda data: Cleared(),
    "seen": lambda data: parse(_SentCursor, data),
    "counts": lambda data: Counted(parse(Counts, data)),
    "reset": lambda data: Reset(),
}


async def follow(transport: Transport, path: str, since: str) -> AsyncGenerator[Event, None]:
    """Events, without end. Resumes after the last id, `since` at first ("": none, only what is new).

    Raises `Refused`, `ServerFailed`, `NotUnderstood`, and `Unavailable` once patience has ended without a connection.
    """
    patience, parser, delivered, lost = Patience(transport.retries), EventParser(since), _Delivered(since), None
    while True:
        try:
            async with aclosing(_connected(transport, path, parser, patience, resumes=lost is not None)) as events:
                async for sent in events:
                    delivered.since = delivered.since or parser.last_id  # the service says where a stream begins
                    event = delivered.news(sent)
                    if event is not None:
                        yield event
            lost = Unavailable("the stream was ended")
        except Unavailable as error:
            lost = error
        if not await patience.pause(lost.retry_after or parser.retry):
            raise lost
        parser = EventParser(parser.last_id)


async def _connected(
    transport: Transport, path: str, parser: EventParser, patience: Patience, *, resumes: bool
) -> AsyncGenerator[object, None]:
    """What one connection brings."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": parser.last_id} if parser.last_id else {})
    timeout = aiohttp.ClientTimeout(total=None, connect=transport.timeout, sock_read=SILENCE)
    async with transport.opened("GET", path, headers=headers, timeout=timeout) as response:
        if response.content_type != "text/event-stream":
            raise NotUnderstood(f"a stream of {response.content_type}")
        if resumes and not parser.last_id:
            yield Reset()
        async for piece in response.content.iter_any():
            patience.extend()
            for event in parser.feed(piece):
                sent = _typed(event)
                if not isinstance(sent, Reset | None):  # a reset may be all that comes of each connection
                    patience.renew()
                if sent is not None:
                    yield sent


def _typed(event: ServerSentEvent) -> object:
    """What an event carries; `None` if its type is not known here."""
    reader = _EVENTS.get(event.type)
    return reader(event.data) if reader else None
