"""`/v1/notifications/{username}/stream`: what happens to a feed, as Server-Sent Events (HTML standard, 9.2)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import orjson
import structlog
from aiohttp import ClientError, hdrs, web

from notification.domain.drafts import check_username
from notification.domain.errors import Malformed
from notification.domain.events import Event
from notification.http import rendering
from notification.http.unread import PATIENCE, keep_little
from notification.services.listener import Listener, Silence
from notification.services.live import Hub
from siblings import DecodeError
from siblings.ksuid import is_id

HUB: Final = web.AppKey("hub", Hub)
HEARTBEAT: Final = web.AppKey("heartbeat", float)

log = structlog.get_logger()
routes = web.RouteTableDef()


@routes.get("/v1/notifications/{username}/stream", allow_head=False)
async def stream(request: web.Request) -> web.StreamResponse:
    """Events until the reader leaves, is too slow, or the service stops."""
    username = check_username(request.match_info["username"])
    async with request.app[HUB].listen(username, _since(request)) as listener:
        headers = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        with _cutting_off(request, username):
            await response.prepare(request)
            keep_little(request.transport)
            await _pass_on(listener, username, _writer(request, response), request.app[HEARTBEAT])
        return response


async def end_streams(application: web.Application) -> None:
    """Signal handler: when the service stops, streams end first."""
    await application[HUB].close()


@contextmanager
def _cutting_off(request: web.Request, username: str) -> Iterator[None]:
    """Ends the connection of a reader that has left or does not read, which is no error, and drops what still waits to
    be sent to it. A corrupt notification ends it too: the reply has begun, so it can't become an error."""
    try:
        yield
    except (ConnectionError, ClientError, TimeoutError):  # whichever way aiohttp puts it
        _abort(request)
    except DecodeError as error:
        log.error("corrupt payload", username=username, reason=str(error))  # noqa: TRY400  # the data's fault
        _abort(request)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _pass_on(listener: Listener, username: str, write: Callable[[bytes], Awaitable[None]], heart: float) -> None:
    await write(b": connected\n\n")
    known = ""
    while (event := await listener.next_within(heart)) is not Silence.ENDED:
        if event is Silence.IDLE:
            await write(b":\n\n")
        else:
            position = listener.position
            await write(_framed(event, username, position if position != known else ""))
            known = position


def _writer(request: web.Request, response: web.StreamResponse) -> Callable[[bytes], Awaitable[None]]:
    """Writes, and returns once the reader has taken nearly all of it. Raises `TimeoutError` if it does not in time."""

    async def write(data: bytes) -> None:
        async with asyncio.timeout(PATIENCE):
            await response.write(data)
            await request.writer.drain()

    return write


def _framed(event: Event, username: str, position: str) -> bytes:
    """An event's bytes. `position`: from where to resume after it, if that has changed."""
    name, data = rendering.event(event, username)
    id_line = b"id: %b\n" % position.encode() if position else b""
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), id_line, orjson.dumps(data))


def _since(request: web.Request) -> str | None:
    since = request.headers.get("Last-Event-ID") or request.query.get("since")
    if since and not is_id(since):
        raise Malformed("Invalid query", ["since: not a KSUID"])
    return since or None
