"""`/v1/notifications/{username}/stream`: what happens to a feed, as Server-Sent Events (HTML standard, 9.2)."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import orjson
from aiohttp import hdrs, web

from notification.errors import Malformed
from notification.events import Event
from notification.http import rendering
from notification.live import Hub, Listener, Silence
from notification.validation import check_username
from siblings.ksuid import is_id

HUB: Final = web.AppKey("hub", Hub)
HEARTBEAT: Final = web.AppKey("heartbeat", float)
PATIENCE: Final = 10.0
"""Seconds that a write may wait for a reader who does not read."""
SEND_BUFFER: Final = 64 * 1024
"""Bytes that the system keeps for one reader; its own choice would be megabytes, for each who does not read."""

routes = web.RouteTableDef()


@routes.get("/v1/notifications/{username}/stream", allow_head=False)
async def stream(request: web.Request) -> web.StreamResponse:
    """Events until the reader leaves, is too slow, or the service stops."""
    username = check_username(request.match_info["username"])
    async with request.app[HUB].listen(username, _since(request)) as listener:
        headers = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        _keep_little(request)
        with _cutting_off(request):
            await _pass_on(listener, username, response, request.app[HEARTBEAT])
        return response


async def end_streams(application: web.Application) -> None:
    """Signal handler: when the service stops, streams end first."""
    await application[HUB].close()


@contextmanager
def _cutting_off(request: web.Request) -> Iterator[None]:
    """A reader who has left, or does not read, is no error; whatever still waits to be sent to him is dropped."""
    try:
        yield
    except (ConnectionResetError, TimeoutError):
        if request.transport is not None:
            request.transport.abort()


async def _pass_on(listener: Listener, username: str, response: web.StreamResponse, heartbeat: float) -> None:
    await _write(response, b": connected\n\n")
    while (event := await listener.next_within(heartbeat)) is not Silence.ENDED:
        await _write(response, b":\n\n" if event is Silence.STILL else _framed(event, username))


async def _write(response: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(PATIENCE):
        await response.write(data)


def _framed(event: Event, username: str) -> bytes:
    name, data, id_ = rendering.event(event, username)
    id_line = b"id: %b\n" % id_.encode() if id_ else b""
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), id_line, orjson.dumps(data))


def _since(request: web.Request) -> str | None:
    since = request.headers.get("Last-Event-ID") or request.query.get("since")
    if since and not is_id(since):
        raise Malformed("Invalid query", ["since: not a KSUID"])
    return since or None


def _keep_little(request: web.Request) -> None:
    connection = request.transport.get_extra_info("socket") if request.transport else None
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
