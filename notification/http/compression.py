"""Compress JSON replies with gzip if the client accepts it.

The compressed body is a representation of its own (RFC 9110, section 8.8.3.3), so its entity tag ends in `-gzip`.
Streams, pages and files are sent as they are.
"""

import asyncio
import re
import zlib
from functools import lru_cache
from typing import Final

from aiohttp import hdrs, web

MIN_SIZE: Final = 1024
"""Bytes of a body from which compression saves more than it costs."""
MAX_INLINE: Final = 32 * 1024
"""Bytes of a body that is compressed on the event loop, in less than a millisecond. A larger one gets a thread."""
LEVEL: Final = 1
"""zlib's fastest level. Higher ones take several times as long for a few percent of size."""
_GZIP: Final = 16 + zlib.MAX_WBITS
_CODING: Final = "gzip"
_PART: Final = re.compile(r"\s*gzip\s*(;\s*q\s*=\s*(?P<weight>[01](\.[0-9]{0,3})?)\s*)?", re.IGNORECASE).fullmatch


async def compress(request: web.Request, response: web.StreamResponse) -> None:
    """Compress the reply, if it is JSON of at least `MIN_SIZE` and the client accepts gzip."""
    if not isinstance(response, web.Response) or not isinstance(body := response.body, bytes):
        return
    if len(body) < MIN_SIZE or "json" not in response.headers.get(hdrs.CONTENT_TYPE, ""):
        return
    response.headers.add(hdrs.VARY, hdrs.ACCEPT_ENCODING)
    if _accepts(request):
        response.body = _gzip(body) if len(body) <= MAX_INLINE else await asyncio.to_thread(_gzip, body)
        response.headers[hdrs.CONTENT_ENCODING] = _CODING


def tag_of_reply(request: web.Request, body: bytes, tag: str) -> str:
    """Return the entity tag of the reply that has this body, which may be sent compressed."""
    return f'{tag[:-1]}-{_CODING}"' if len(body) >= MIN_SIZE and _accepts(request) else tag


def _accepts(request: web.Request) -> bool:
    return _lists_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, ""))


@lru_cache(256)  # clients send few different values
def _lists_gzip(header: str) -> bool:
    parts = [found for part in header.split(",") if (found := _PART(part))]
    return any(float(part["weight"] or 1) > 0 for part in parts)


def _gzip(body: bytes) -> bytes:
    """Compress `body`. Equal bodies give equal bytes: the header has no time."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    return compressor.compress(body) + compressor.flush()
