"""Handler of `/v1/notifications/{username}/stream`: a feed's events as Server-Sent Events (HTML standard, 9.2).

A process can have thousands of idle streams, so an idle stream has no timer and no queue, and waits for one future.
"""

import asyncio
from typing import Final, cast

import orjson
import structlog
from aiohttp import ClientError, hdrs, web
from aiohttp.http import StreamWriter

from notification.domain.drafts import check_username
from notification.domain.events import Event
from notification.http import serializers
from notification.http.heartbeats import Heartbeats
from notification.http.keys import HEARTBEATS, HUB
from notification.http.parameters import parse_since, path_name
from notification.http.slow_clients import WRITE_BUFFER, WRITE_TIMEOUT, bound_buffers
from notification.services.listener import Listener
from siblings import DecodeError

COMMENT: Final = b":\n\n"
"""Shows that the stream is alive."""

log = structlog.get_logger()
routes = web.RouteTableDef()


@routes.get("/v1/notifications/{username}/stream", allow_head=False)
async def stream(request: web.Request) -> web.StreamResponse:
    """Send events until the client leaves or is too slow, or the service stops.

    If the client has left or does not read, the connection is aborted, and the client does not get the remaining data.
    A corrupt notification also aborts the connection, because a reply that has begun can't become an error.
    """
    username = check_username(path_name(request, "username"))
    hub, heartbeats = request.app[HUB], request.app[HEARTBEATS]
    listener = await hub.join(username, parse_since(request))
    headers = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"}
    response = web.StreamResponse(headers=headers)
    try:
        await response.prepare(request)
        bound_buffers(request.transport)
        request.protocol.keep_alive(False)  # frees the timer until the stream ends
        await _forward(request, username, listener, heartbeats)
    except (ConnectionError, ClientError, TimeoutError):  # aiohttp reports a lost client as any of these
        _abort(request)
    except DecodeError as error:
        log.error("corrupt payload", username=username, reason=str(error))  # noqa: TRY400  # the trace says nothing about corrupt data
        _abort(request)
    finally:
        heartbeats.remove(listener)
        hub.leave(username, listener)
    return response


async def end_streams(application: web.Application) -> None:
    """Handler of aiohttp's signal `on_shutdown`. It ends all streams when the service stops."""
    await application[HUB].close()


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _forward(request: web.Request, username: str, listener: Listener, heartbeats: Heartbeats) -> None:
    """Send events until the listener ends, and a comment if the listener wakes without an event."""
    await _write(request, b": connected\n\n")
    known = ""
    while not listener.ended:
        block, known = _next_block(listener, username, known)
        heartbeats.restart(listener)
        await _write(request, block or COMMENT)
        await listener.news()


async def _write(request: web.Request, data: bytes) -> None:
    """Write, then wait until the client has read nearly everything.

    Raises `TimeoutError` if the client does not read within `WRITE_TIMEOUT`.
    """
    writer = cast("StreamWriter", request.writer)
    await writer.write(data, drain=False)
    if request.protocol.writing_paused:
        async with asyncio.timeout(WRITE_TIMEOUT):
            await writer.drain()


def _next_block(listener: Listener, username: str, known: str) -> tuple[bytes, str]:
    """Take the listener's events until there are none or the block has `WRITE_BUFFER` bytes, and format them.

    `known`: the client's position. Returns the block, and the client's position after it.
    """
    parts: list[bytes] = []
    size = 0
    while size < WRITE_BUFFER and (event := listener.take()) is not None:
        position = listener.position
        parts.append(_format(event, username, position if position != known else ""))
        size += len(parts[-1])
        known = position
    return b"".join(parts), known


def _format(event: Event, username: str, position: str) -> bytes:
    """Format an event. `position`: where a client resumes after it, or an empty text if that has not changed."""
    name, data = serializers.event(event, username)
    id_line = b"id: %b\n" % position.encode() if position else b""
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), id_line, orjson.dumps(data))
