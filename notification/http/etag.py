"""Conditional requests (RFC 9110, section 13): reply with an `ETag`, or with 304 if the client has that version."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final, NamedTuple

from aiohttp import hdrs, web
from multidict import CIMultiDict

from notification.http.compression import CODING, MIN_SIZE, gzipped
from notification.http.serializers import JSON

LARGE: Final = 64 * 1024
"""Size in bytes above which a body is sent separately from its headers."""
Headers = CIMultiDict[str]
"""aiohttp copies this multidict faster than a dictionary, because it need not hash the names again for each reply."""


class Representation(NamedTuple):
    """A body in one encoding, and its headers. Each encoding has its own `ETag` (RFC 9110, section 8.8.3.3)."""

    body: bytes
    headers: Headers


def represent(body: bytes, headers: Mapping[str, str]) -> Representation:
    """Return the plain representation of a JSON body. Its tag is a hash of the body, so the two change together.

    If the body is large enough to compress, `Vary` announces the compressed representation to caches.
    """
    tag = f'"{blake2b(body, digest_size=15).hexdigest()}"'
    complete = Headers({**headers, hdrs.CONTENT_TYPE: JSON, hdrs.ETAG: tag})
    if len(body) >= MIN_SIZE:
        complete[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    return Representation(body, complete)


async def compressed(plain: Representation) -> Representation:
    """Return the representation that is compressed with gzip. Its tag ends in `-gzip`."""
    tag = f'{plain.headers[hdrs.ETAG][:-1]}-{CODING}"'
    headers = Headers({**plain.headers, hdrs.ETAG: tag, hdrs.CONTENT_ENCODING: CODING})
    return Representation(await gzipped(plain.body), headers)


def conditional_response(request: web.Request, wanted: Representation, status: int) -> web.Response:
    """Make the reply, or a 304 if the client has this representation."""
    sent, tag = request.headers.get(hdrs.IF_NONE_MATCH), wanted.headers[hdrs.ETAG]
    if sent is not None and (sent == tag or _is_listed(request, tag)):
        return _not_modified(wanted.headers)
    class_ = _LargeResponse if len(wanted.body) > LARGE else web.Response
    return class_(body=wanted.body, status=status, headers=wanted.headers)


class _LargeResponse(web.Response):
    """A reply that sends its headers separately from its body. Otherwise, aiohttp would join the two and keep this copy
    of the body until the client has read it."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Send the headers, then the body without copying it."""
        if self._payload_writer is not None:
            self._payload_writer.send_headers()
        await super().write_eof(data)


def _not_modified(headers: Headers) -> web.Response:
    """Make a 304 (RFC 9110, section 15.4.5): it has no body, so it does not describe any."""
    response = web.Response(status=304, headers=headers)
    for name in (hdrs.CONTENT_TYPE, hdrs.CONTENT_ENCODING):
        response.headers.pop(name, None)
    return response


def _is_listed(request: web.Request, tag: str) -> bool:
    return any(one.value in ("*", tag.strip('"')) for one in request.if_none_match or ())
