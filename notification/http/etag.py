"""Conditional requests (RFC 9110, section 13): reply with an `ETag`, or with 304 if the client has that version."""

from hashlib import blake2b
from typing import Final

from aiohttp import hdrs, web
from multidict import CIMultiDict

from notification.http.compression import tag_of_reply
from notification.http.serializers import JSON

LARGE: Final = 64 * 1024
"""Size in bytes above which a body is sent apart from its headers."""
Headers = CIMultiDict[str]
"""aiohttp copies these faster than a dictionary, whose names it would hash for each reply."""


def tag_of(body: bytes) -> str:
    """Compute the body's entity tag: a hash, so that it changes exactly if the body does."""
    return f'"{blake2b(body, digest_size=15).hexdigest()}"'


def conditional_response(request: web.Request, body: bytes, status: int, headers: Headers) -> web.Response:
    """Make a JSON reply, or a 304 if the client has this version. `headers` contain the `ETag` of the plain body."""
    sent, tag = request.headers.get(hdrs.IF_NONE_MATCH), tag_of_reply(request, body, headers[hdrs.ETAG])
    if sent is not None and (sent == tag or _is_listed(request, tag)):
        unchanged = web.Response(status=304, headers=headers)
        unchanged.headers[hdrs.ETAG] = tag
        unchanged.headers.add(hdrs.VARY, hdrs.ACCEPT_ENCODING)
        return unchanged
    class_ = _LargeResponse if len(body) > LARGE else web.Response
    response = class_(body=body, status=status, headers=headers)
    response.headers[hdrs.CONTENT_TYPE] = JSON
    response.headers[hdrs.ETAG] = tag
    return response


class _LargeResponse(web.Response):
    """A reply that sends its headers apart from its body. aiohttp would join the two, and so keep a copy of the body
    until the client has read it."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Send the headers, then the body without copying it."""
        if self._payload_writer is not None:
            self._payload_writer.send_headers()
        await super().write_eof(data)


def _is_listed(request: web.Request, tag: str) -> bool:
    return any(one.value in ("*", tag.strip('"')) for one in request.if_none_match or ())
