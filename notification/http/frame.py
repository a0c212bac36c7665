"""Add to every request and reply what all have in common: an id, headers, error replies, a log line and metrics.

A `Frame` stands between aiohttp's server and an application. Hot requests, which are those of the most frequent routes,
skip the application's router and signals; all other requests go through them. A hot request passes through
`Frame.handle` and its handler in `notifications.py`, which makes one call to a service.
"""

import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from multidict import istr

from notification.domain.drafts import is_username
from notification.http.compression import compress, is_compressible
from notification.http.errors import error_response
from notification.http.keys import REMOTE
from notification.http.observer import RequestObserver
from notification.http.serializers import NO_CACHE

UNMATCHED: Final = "unmatched"
"""The route under which metrics count a request that matches no route."""
MAX_LOGGED_NAME: Final = 200
"""Maximum number of logged characters of an invalid username."""
SERVER: Final = "notification"
"""The `Server` header. It names no version, because a version helps only attackers."""
_USABLE_ID: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,126}[\x21-\x7e]|[\x21-\x7e]").fullmatch
_BEGUN: Final = web.RequestKey("begun", tuple[float, str])
"""When the request began, by `time.perf_counter`, and its id."""

_ID_HEADER: Final = istr("X-Request-Id")
_RUNTIME: Final = istr("X-Runtime")
_CONTENT_TYPE_OPTIONS: Final = istr("X-Content-Type-Options")
_FRAME_OPTIONS: Final = istr("X-Frame-Options")

UserHandler = Callable[[web.Application, web.Request, str], Awaitable[web.StreamResponse]]
"""A handler that gets the application and the username from its caller."""


class HotRoute(NamedTuple):
    """A route that is served without the application's router. `pattern`: its name in logs and metrics."""

    pattern: str
    handler: UserHandler


class HotRoutes:
    """Finds the hot route of a request by its method and path.

    `routes`: by method and by the part of the path after `/v1/notifications/{username}`. The router serves paths that
    are spelled in an unusual way, for example with percent signs. It also serves requests with `Expect`, whose clients
    send the body only after `100 Continue`.
    """

    def __init__(self, base_path: str, routes: Mapping[tuple[str, str], HotRoute]) -> None:
        endings = "|".join({re.escape(ending) for _, ending in routes})
        user = r"[A-Za-z0-9][A-Za-z0-9._~@:+-]{0,127}"
        path = rf"{re.escape(base_path)}/v1/notifications/({user})({endings})(?:\?[^#]*)?"
        self._match = re.compile(path, re.ASCII).fullmatch
        self._routes = routes

    def find(self, request: web.Request) -> tuple[HotRoute, str] | None:
        """Return the route and the username, or `None` if the request is not hot."""
        found = self._match(request.raw_path)
        route = self._routes.get((request.method, found[2])) if found else None
        return (route, found[1]) if route and found and hdrs.EXPECT not in request.headers else None


class Frame:
    """Handles the requests of one application. Reports every reply to `observer`.

    `log_requests`: the share of requests that get a log line, from 0 to 1. Unless the share is 0, a reply with a status
    of 500 or above always gets one. The content of notifications is never logged. `base_path`: removed from the route
    in logs and metrics. `hot`: see `HotRoutes`.
    """

    def __init__(
        self,
        application: web.Application,
        observer: RequestObserver,
        log_requests: float,
        base_path: str = "",
        hot: Mapping[tuple[str, str], HotRoute] = MappingProxyType({}),
    ) -> None:
        self._application = application
        self._observer = observer
        self._log_requests = log_requests
        self._log = structlog.get_logger().bind()  # an unbound logger looks up its methods at each call
        self._base_path = base_path
        self._hot = HotRoutes(base_path, hot)
        application.on_response_prepare.append(self._prepare)

    def around(self, router: Handler) -> Handler:
        """Return the handler for aiohttp's server. `router`: handles a request by the application's router."""
        self._router = router
        self._middlewares = [*reversed(self._application.middlewares)]
        self._hooks = [hook for hook in self._application.on_response_prepare if hook != self._prepare]
        return self.handle

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Return the reply to a request, even if its handler fails."""
        begun, id_ = request[_BEGUN] = _begin(request)
        structlog.contextvars.bind_contextvars(request_id=id_)  # overwritten by the connection's next request
        hot = self._hot.find(request)
        try:
            response = await (self._router(request) if hot is None else self._call(request, hot))
        except Exception as error:  # noqa: BLE001  # even for a defect, the client gets a reply and the log a traceback
            response = error_response(error)
            error.with_traceback(None)  # its frames refer to the request, whose body may refer to the error
        if is_compressible(response):
            await compress(request, response)
        if hot is None:
            route, username = self._route(request), _username(request)
        else:
            route, username = hot[0].pattern, hot[1]
            await self._prepare_hot(request, response, route)
        if self._log_requests and self._is_logged(response.status):
            self._log.info(
                "request",
                method=request.method,
                route=route,
                username=username,
                status=response.status,
                remote=request.get(REMOTE, request.remote),
                duration=round(time.perf_counter() - begun, 6),
            )
        return response

    def _is_logged(self, status: int) -> bool:
        return self._log_requests == 1 or status >= 500 or random.random() < self._log_requests  # noqa: S311  # a sample

    async def _call(self, request: web.Request, hot: tuple[HotRoute, str]) -> web.StreamResponse:
        """Call the handler of a hot route through the application's middlewares."""
        route, username = hot
        if not self._middlewares:
            return await route.handler(self._application, request, username)

        async def innermost(rewritten: web.Request) -> web.StreamResponse:
            return await route.handler(self._application, rewritten, username)

        handler: Handler = innermost
        for middleware in self._middlewares:
            handler = partial(middleware, handler=handler)
        return await handler(request)

    async def _prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Signal handler that completes the headers of a reply when it begins, and counts it.

        The counted duration ends there, so it does not include the time that a stream lasts.
        """
        self._add_headers(request, response, self._route(request) or UNMATCHED)

    async def _prepare_hot(self, request: web.Request, response: web.StreamResponse, route: str) -> None:
        """Do for a hot route what the signal `on_response_prepare` does for other routes."""
        self._add_headers(request, response, route)
        for hook in self._hooks:
            await hook(request, response)

    def _add_headers(self, request: web.Request, response: web.StreamResponse, route: str) -> None:
        started, id_ = request[_BEGUN]
        seconds = time.perf_counter() - started
        headers = response.headers
        headers[_ID_HEADER] = id_
        headers[_RUNTIME] = f"{seconds:.6f}"
        headers[_CONTENT_TYPE_OPTIONS] = "nosniff"
        headers[_FRAME_OPTIONS] = "deny"
        headers[hdrs.SERVER] = SERVER
        if response.status >= 400:
            headers.setdefault(hdrs.CACHE_CONTROL, NO_CACHE)
        self._observer.request(request.method, route, response.status, seconds)

    def _route(self, request: web.Request) -> str | None:
        """Return the pattern of the path, such as `/v1/notifications/{username}`; `None` if no route matches.

        The pattern has neither the base path nor a trailing slash, so that one route has one name.
        """
        resource = request.match_info.route.resource
        return None if resource is None else resource.canonical.removeprefix(self._base_path).rstrip("/") or "/"


def _begin(request: web.Request) -> tuple[float, str]:
    given = request.headers.get(_ID_HEADER)
    return time.perf_counter(), given if given and _USABLE_ID(given) else _make_id()


def _make_id() -> str:
    """Make a random UUID. `uuid4` would ask the system for randomness, which takes longer than all the rest."""
    return str(UUID(int=random.getrandbits(128), version=4))


def _username(request: web.Request) -> str | None:
    """Return the username in the path. An invalid one is escaped and truncated."""
    name = request.match_info.get("username")
    return name if name is None or is_username(name) else ascii(name)[1:-1][:MAX_LOGGED_NAME]
