"""Cross-origin requests (CORS, in the Fetch standard): pages of which other origins may call the service."""

from collections.abc import Sequence
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

METHODS: Final = "GET, HEAD, POST, PUT, DELETE"
EXPOSED: Final = (
    "Accept-Ranges, Content-Range, ETag, Idempotent-Replayed, Location, Next-Range, Retry-After, X-Request-Id, "
    "X-Runtime, X-Total-Count, X-Unseen-Count"
)
"""What scripts may read of a reply beside its body."""
MAX_AGE: Final = "600"
"""Seconds that a browser may remember an answer: long enough to save requests, short enough to undo a mistake."""
FOR_OPERATORS: Final = ("/admin", "/metrics")
"""No page of another origin has a business there."""


def allow(application: web.Application, origins: Sequence[str]) -> None:
    """Let pages of `origins` call `application`; `*` means any, but without the user's cookies."""
    cors = _Cors(origins)
    application.middlewares.append(cors.preflight)
    application.on_response_prepare.append(cors.permit)


class _Cors:
    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origins)

    @web.middleware
    async def preflight(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answers a browser that asks whether it may ask."""
        wanted = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_METHOD)
        if request.method != hdrs.METH_OPTIONS or wanted is None or self._allowed(request) is None:
            return await handler(request)
        headers = {hdrs.ACCESS_CONTROL_ALLOW_METHODS: METHODS, hdrs.ACCESS_CONTROL_MAX_AGE: MAX_AGE}
        asked = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS)
        if asked is not None:
            headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = asked
        return web.Response(status=204, headers=headers)

    async def permit(self, request: web.Request, response: web.StreamResponse) -> None:
        """Signal handler: tells the browser that the page may have this reply."""
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        origin = self._allowed(request)
        if origin is None:
            return
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = EXPOSED
        if origin != "*":
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"

    def _allowed(self, request: web.Request) -> str | None:
        """What to tell the browser that is allowed, if anything."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or request.path.startswith(FOR_OPERATORS):
            return None
        if origin in self._origins:
            return origin
        return "*" if "*" in self._origins else None
