"""Conditional reads (RFC 9110, 13): an `ETag` for what is read often, and 304 where the reader has it already."""

from hashlib import blake2b
from typing import Final

from aiohttp import hdrs, web
from multidict import CIMultiDict

from notification.http.serializers import JSON

LARGE: Final = 64 * 1024
"""Bytes of a body that is worth a write of its own."""
Headers = CIMultiDict[str]
"""Made once and copied by each reply: cheaper than a dictionary, whose names would be hashed again and again."""


def tag_of(body: bytes) -> str:
    """The body's entity tag: a hash, so it changes exactly when the body does, whatever made it."""
    return f'"{blake2b(body, digest_size=15).hexdigest()}"'


def conditional(request: web.Request, body: bytes, status: int, headers: Headers) -> web.Response:
    """A reply of JSON with `headers`, its `ETag` among them; or 304 with the same headers."""
    known = request.headers.get(hdrs.IF_NONE_MATCH)
    if known is not None and (known == headers[hdrs.ETAG] or _is_listed(request, headers[hdrs.ETAG])):
        return web.Response(status=304, headers=headers)
    made = _LargeResponse if len(body) > LARGE else web.Response
    response = made(body=body, status=status, headers=headers)
    response.headers[hdrs.CONTENT_TYPE] = JSON
    return response


class _LargeResponse(web.Response):
    """A reply whose headers are sent by themselves. aiohttp would join them and the body: a copy for each reader, kept
    until the reader has taken it."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Send the body as it is."""
        if self._payload_writer is not None:
            self._payload_writer.send_headers()
        await super().write_eof(data)


def _is_listed(request: web.Request, tag: str) -> bool:
    return any(one.value in ("*", tag.strip('"')) for one in request.if_none_match or ())
