"""A feed's live events, over as many connections as it takes."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

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

_EVENTS: Final[Mapping[str, Callable[[str], Event]]] = {
    "notification": lambda data: Arrived(parse(Notification, data)),
    "removed": lambda data: parse(Removed, data),
    "cleared": lambda data: Cleared(),
    "seen": lambda data: Seen(parse(Cursor, data)),
    "counts": lambda data: Counted(parse(Counts, data)),
    "reset": lambda data: Reset(),
}


class _Told:
    """The notifications that were told of. The service tells some again when a stream is resumed, to be sure."""

    def __init__(self, since: str) -> None:
        self._ids = {since: None}

    def is_news(self, event: Event) -> bool:
        """Whether an event was not told yet; now it is."""
        if not isinstance(event, Arrived):
            return True
        is_news = event.notification.id not in self._ids
        self._ids[event.notification.id] = None
        if len(self._ids) > REMEMBERED:
            del self._ids[next(iter(self._ids))]
        return is_news


async def follow(transport: Transport, path: str, since: str) -> AsyncGenerator[Event, None]:
    """Events, without end. Resumes after the last id, `since` at first ("": none, only what is new).

    Raises `Refused`, `ServerFailed`, `NotUnderstood`, and `Unavailable` once patience has ended without a connection.
    """
    patience, parser, told, lost = Patience(transport.retries), EventParser(since), _Told(since), None
    while True:
        try:
            async with aclosing(_connected(transport, path, parser, patience, resumes=lost is not None)) as events:
                async for event in events:
                    if told.is_news(event):
                        yield event
            lost = Unavailable("the stream was ended")
        except Unavailable as error:
            lost = error
        if not await patience.pause(lost.retry_after or parser.retry):
            raise lost
        parser = EventParser(parser.last_id)


async def _connected(
    transport: Transport, path: str, parser: EventParser, patience: Patience, *, resumes: bool
) -> AsyncGenerator[Event, None]:
    """The events of one connection."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": parser.last_id} if parser.last_id else {})
    timeout = aiohttp.ClientTimeout(total=None, connect=transport.timeout, sock_read=SILENCE)
    async with transport.opened("GET", path, headers=headers, timeout=timeout) as response:
        if response.content_type != "text/event-stream":
            raise NotUnderstood(f"a stream of {response.content_type}")
        if resumes and not parser.last_id:
            yield Reset()
        async for piece in response.content.iter_any():
            patience.extend()
            for sent in parser.feed(piece):
                event = _typed(sent)
                if not isinstance(event, Reset | None):  # a reset may be all that comes of each connection
                    patience.renew()
                if event is not None:
                    yield event


def _typed(sent: ServerSentEvent) -> Any:
    """The event, `None` where it is of a type that is not known here."""
    reader = _EVENTS.get(sent.type)
    return reader(sent.data) if reader else None
