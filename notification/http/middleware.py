"""Give every request an id, a duration, a log line and a reply with security headers, even if its handler fails.

One middleware and one signal handler do all of it, because each further level costs every request microseconds.
"""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import uuid4

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from multidict import istr

from notification.domain.drafts import is_username
from notification.http.compression import compress
from notification.http.errors import error_response
from notification.http.keys import REMOTE
from notification.http.observer import RequestObserver
from notification.http.serializers import NO_CACHE

UNMATCHED: Final = "unmatched"
"""The route under which a request without a route is counted."""
MAX_LOGGED_NAME: Final = 200
"""Maximum number of characters that are logged of an invalid username."""
SERVER: Final = "notification"
"""The `Server` header. It names no version, because versions help attackers only."""
OnPrepare = Callable[[web.Request, web.StreamResponse], Awaitable[None]]
_USABLE_ID: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,126}[\x21-\x7e]|[\x21-\x7e]").fullmatch
_BEGUN: Final = web.RequestKey("begun", tuple[float, str])
"""When the request began, and its id."""

_ID_HEADER: Final = istr("X-Request-Id")
_RUNTIME: Final = istr("X-Runtime")
_CONTENT_TYPE_OPTIONS: Final = istr("X-Content-Type-Options")
_FRAME_OPTIONS: Final = istr("X-Frame-Options")

log = structlog.get_logger()


def make_middleware(
    observer: RequestObserver, *, log_requests: bool, base_path: str = ""
) -> tuple[Middleware, OnPrepare]:
    """Make the outermost middleware and the `on_response_prepare` handler.

    Both report to `observer`. `log_requests`: log a line per request; the content of notifications is never logged.
    `base_path`: left out of the routes that are logged and counted.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[_BEGUN] = begun = _begin(request)
        structlog.contextvars.bind_contextvars(request_id=begun[1])  # overwritten by the connection's next request
        try:
            response = await handler(request)
        except Exception as error:  # noqa: BLE001  # after a defect, too, the client gets a reply and the log a trace
            response = error_response(error)
        await compress(request, response)
        if log_requests:
            _log(request, response, _route(request, base_path))
        return response

    async def on_prepare(request: web.Request, response: web.StreamResponse) -> None:
        """Add the headers that every reply has, and count the reply. A stream counts when it starts, without its
        duration."""
        started, id_ = request.get(_BEGUN) or _begin(request)  # aiohttp refuses an `Expect` before any middleware
        seconds = time.perf_counter() - started
        _add_headers(response, id_, seconds)
        observer.request(request.method, _route(request, base_path) or UNMATCHED, response.status, seconds)

    return middleware, on_prepare


def _add_headers(response: web.StreamResponse, id_: str, seconds: float) -> None:
    headers = response.headers
    headers[_ID_HEADER] = id_
    headers[_RUNTIME] = f"{seconds:.6f}"
    headers[_CONTENT_TYPE_OPTIONS] = "nosniff"
    headers[_FRAME_OPTIONS] = "deny"
    headers[hdrs.SERVER] = SERVER
    if response.status >= 400:
        headers.setdefault(hdrs.CACHE_CONTROL, NO_CACHE)


def _begin(request: web.Request) -> tuple[float, str]:
    given = request.headers.get(_ID_HEADER)
    return time.perf_counter(), given if given and _USABLE_ID(given) else str(uuid4())


def _log(request: web.Request, response: web.StreamResponse, route: str | None) -> None:
    log.info(
        "request",
        method=request.method,
        route=route,
        username=_username(request),
        status=response.status,
        remote=request.get(REMOTE, request.remote),
        duration=round(time.perf_counter() - request[_BEGUN][0], 6),
    )


def _username(request: web.Request) -> str | None:
    """The username in the path; an invalid one is escaped and cut."""
    name = request.match_info.get("username")
    return name if name is None or is_username(name) else ascii(name)[1:-1][:MAX_LOGGED_NAME]


def _route(request: web.Request, base_path: str) -> str | None:
    """The pattern of the path, such as `/v1/notifications/{username}`; `None` if no route matches.

    It has neither the base path nor a trailing slash, so that one route has one name."""
    resource = request.match_info.route.resource
    return None if resource is None else resource.canonical.removeprefix(base_path).rstrip("/") or "/"
