"""Conditional reads (RFC 9110, 13): an `ETag` for what is read often, and 304 where the reader has it already."""

from collections.abc import Mapping
from hashlib import blake2b

from aiohttp import hdrs, web

from notification.http.rendering import JSON


def tag_of(body: bytes) -> str:
    """The body's entity tag: a hash, so it changes exactly when the body does, whatever made it."""
    return f'"{blake2b(body, digest_size=15).hexdigest()}"'


def conditional(request: web.Request, body: bytes, status: int, headers: Mapping[str, str]) -> web.Response:
    """A reply of JSON with `headers`, its `ETag` among them; or 304 with the same headers."""
    known = request.headers.get(hdrs.IF_NONE_MATCH)
    if known is not None and (known == headers[hdrs.ETAG] or _is_listed(request, headers[hdrs.ETAG])):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, status=status, headers={hdrs.CONTENT_TYPE: JSON, **headers})


def _is_listed(request: web.Request, tag: str) -> bool:
    return any(one.value in ("*", tag.strip('"')) for one in request.if_none_match or ())
