"""Handler of `/v1/notifications/{username}/stream`: a feed's events as Server-Sent Events (HTML standard, 9.2)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import orjson
import structlog
from aiohttp import ClientError, hdrs, web

from notification.domain.drafts import check_username
from notification.domain.events import Event
from notification.http import serializers
from notification.http.keys import HEARTBEAT, HUB
from notification.http.parameters import parse_since, path_name
from notification.http.slow_clients import WRITE_TIMEOUT, bound_buffers
from notification.services.listener import Listener, Silence
from siblings import DecodeError

log = structlog.get_logger()
routes = web.RouteTableDef()


@routes.get("/v1/notifications/{username}/stream", allow_head=False)
async def stream(request: web.Request) -> web.StreamResponse:
    """Send events until the client leaves or is too slow, or the service stops."""
    username = check_username(path_name(request, "username"))
    async with request.app[HUB].listen(username, parse_since(request)) as listener:
        headers = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        with _aborting_on_failure(request, username):
            await response.prepare(request)
            bound_buffers(request.transport)
            await _forward(listener, username, _writer(request, response), request.app[HEARTBEAT])
        return response


async def end_streams(application: web.Application) -> None:
    """Signal handler: end all streams when the service stops."""
    await application[HUB].close()


@contextmanager
def _aborting_on_failure(request: web.Request, username: str) -> Iterator[None]:
    """Abort the connection of a client that has left or does not read, and drop what it has not received.

    A corrupt notification aborts it too, because a reply that has begun can't become an error.
    """
    try:
        yield
    except (ConnectionError, ClientError, TimeoutError):  # aiohttp reports a lost client as any of these
        _abort(request)
    except DecodeError as error:
        log.error("corrupt payload", username=username, reason=str(error))  # noqa: TRY400  # the trace says nothing about corrupt data
        _abort(request)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _forward(listener: Listener, username: str, write: Callable[[bytes], Awaitable[None]], heart: float) -> None:
    await write(b": connected\n\n")
    known = ""
    while (event := await listener.next_within(heart)) is not Silence.ENDED:
        if event is Silence.IDLE:
            await write(b":\n\n")
        else:
            position = listener.position
            await write(_format(event, username, position if position != known else ""))
            known = position


def _writer(request: web.Request, response: web.StreamResponse) -> Callable[[bytes], Awaitable[None]]:
    """Make a function that writes, then waits until the client has read nearly everything.

    It raises `TimeoutError` if the client does not read within `WRITE_TIMEOUT`.
    """

    async def write(data: bytes) -> None:
        async with asyncio.timeout(WRITE_TIMEOUT):
            await response.write(data)
            await request.writer.drain()

    return write


def _format(event: Event, username: str, position: str) -> bytes:
    """Format an event. `position`: where a client resumes after it, or an empty text if that has not changed."""
    name, data = serializers.event(event, username)
    id_line = b"id: %b\n" % position.encode() if position else b""
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), id_line, orjson.dumps(data))
