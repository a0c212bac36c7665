"""Cross-origin requests (CORS, in the Fetch standard): which other origins' pages may call the service."""

from collections.abc import Sequence
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

METHODS: Final = "GET, HEAD, POST, PUT, DELETE"
EXPOSED: Final = (
    "Accept-Ranges, Content-Range, ETag, Idempotent-Replayed, Location, Next-Range, Retry-After, X-Request-Id, "
    "X-Runtime, X-Total-Count, X-Unseen-Count"
)
"""Headers of a reply that scripts may read."""
MAX_AGE: Final = "600"
"""Seconds for which a browser may cache a preflight reply. It is short, so that corrections soon apply."""
FOR_OPERATORS: Final = ("/admin", "/metrics")
"""Paths that pages of other origins must never call."""


def allow(application: web.Application, origins: Sequence[str]) -> None:
    """Let pages of `origins` call `application`; `*` allows every origin, but without the user's cookies."""
    cors = _Cors(origins)
    application.middlewares.append(cors.preflight)
    application.on_response_prepare.append(cors.permit)


class _Cors:
    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origins)

    @web.middleware
    async def preflight(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Middleware that replies to preflight requests."""
        wanted = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_METHOD)
        if request.method != hdrs.METH_OPTIONS or wanted is None or self._allowed(request) is None:
            return await handler(request)
        headers = {hdrs.ACCESS_CONTROL_ALLOW_METHODS: METHODS, hdrs.ACCESS_CONTROL_MAX_AGE: MAX_AGE}
        asked = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS)
        if asked is not None:
            headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = asked
        return web.Response(status=204, headers=headers)

    async def permit(self, request: web.Request, response: web.StreamResponse) -> None:
        """Signal handler that adds the headers with which the page may read this reply."""
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        origin = self._allowed(request)
        if origin is None:
            return
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = EXPOSED
        if origin != "*":
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"

    def _allowed(self, request: web.Request) -> str | None:
        """Return the value of `Access-Control-Allow-Origin`, or `None` if the origin is not allowed."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or request.path.startswith(FOR_OPERATORS):
            return None
        if origin in self._origins:
            return origin
        return "*" if "*" in self._origins else None
