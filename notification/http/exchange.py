"""What every exchange has: a request id, a running time, headers that keep browsers careful, a line in the log."""

import re
import time
from typing import Final
from uuid import uuid4

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from notification.observer import Observer

OBSERVER: Final = web.AppKey("observer", Observer)
REMOTE: Final = web.RequestKey("remote", str)
"""Who asked, where a proxy said so for him."""
UNMATCHED: Final = "unmatched"
"""What is counted as the route of a request that has none."""
_USABLE_ID: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,126}[\x21-\x7e]|[\x21-\x7e]").fullmatch
_REQUEST_ID: Final = web.RequestKey("request_id", str)
_STARTED: Final = web.RequestKey("started", float)

log = structlog.get_logger()


@web.middleware
async def begin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Names the request and takes the time. Outermost."""
    given = request.headers.get("X-Request-Id", "")
    request[_STARTED] = time.perf_counter()
    request[_REQUEST_ID] = given if _USABLE_ID(given) else str(uuid4())
    structlog.contextvars.bind_contextvars(request_id=request[_REQUEST_ID])  # until the connection's next request
    return await handler(request)


@web.middleware
async def log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A line per request. What is in notifications is not logged."""
    response = await handler(request)
    resource = request.match_info.route.resource
    log.info(
        "request",
        method=request.method,
        route=resource.canonical if resource else None,
        username=request.match_info.get("username"),
        status=response.status,
        remote=request.get(REMOTE, request.remote),
        duration=round(time.perf_counter() - request[_STARTED], 6),
    )
    return response


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: the headers that every reply has, streams included."""
    response.headers["X-Request-Id"] = request[_REQUEST_ID]
    response.headers["X-Runtime"] = f"{time.perf_counter() - request[_STARTED]:.6f}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "deny"


async def count_request(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: a reply begins. So a stream counts when it starts, and not for as long as it lasts."""
    resource = request.match_info.route.resource
    route = resource.canonical if resource else UNMATCHED
    seconds = time.perf_counter() - request[_STARTED]
    request.app[OBSERVER].request(request.method, route, response.status, seconds)
