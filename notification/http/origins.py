"""Determine which origin's page sent a request, and the URL under which the client reaches the service."""

import re
from collections.abc import Set
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web
from multidict import istr

from notification.domain.errors import Forbidden, Malformed
from notification.http.keys import ORIGINS

SCHEMES: Final = ("http", "https")
MAX_PORT: Final = 65535
_SITE: Final = istr("Sec-Fetch-Site")
_IS_HOST: Final = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:(?P<port>[0-9]{1,5}))?").fullmatch

log = structlog.get_logger()


def base_url(request: web.Request) -> str:
    """Return the scheme and host that the client used, such as `https://example.org`, or an empty text if there is no
    `Host` header. Raises `Malformed` if the scheme or the host is invalid."""
    if request.headers.get(hdrs.HOST) is None:
        return ""
    found = _IS_HOST(request.host)
    if request.scheme not in SCHEMES or not found or int(found["port"] or 0) > MAX_PORT:
        raise Malformed("Invalid header", ["Host: must be a name or an address, optionally with a port"])
    return f"{request.scheme}://{request.host}"


def is_foreign(request: web.Request, allowed: Set[str]) -> bool:
    """Whether a page of another site sent this request. `allowed`: origins that are not foreign."""
    if request.headers.get(_SITE) != "cross-site":
        return False
    return not _is_allowed(request.headers.get(hdrs.ORIGIN), allowed)


def check_socket_origin(request: web.Request) -> None:
    """Refuse a WebSocket from a page of another origin, unless that origin is in `server.cors_origins`. Browsers leave
    this check to the server. Raises `Forbidden`."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None or hdrs.UPGRADE not in request.headers:
        return
    same = request.headers.get(_SITE) == "same-origin" or urlsplit(origin).netloc.lower() == request.host.lower()
    if not same and not _is_allowed(origin, request.app[ORIGINS]):
        log.warning("WebSocket refused: its origin is not in server.cors_origins", origin=ascii(origin)[1:-1][:200])
        raise Forbidden("Pages of this origin may not open WebSockets")


def _is_allowed(origin: str | None, allowed: Set[str]) -> bool:
    return origin is not None and (origin in allowed or "*" in allowed)
