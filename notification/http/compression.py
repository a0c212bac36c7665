"""Compress JSON replies with gzip if the client accepts it.

The compressed body is a representation of its own (RFC 9110, section 8.8.3.3), so its entity tag ends in `-gzip`.
Streams, HTML pages and files are not compressed.
"""

import asyncio
import re
import zlib
from functools import lru_cache
from typing import Final, TypeGuard

from aiohttp import hdrs, web

MIN_SIZE: Final = 1024
"""Minimum size in bytes of a body that is compressed. For a smaller body, compression costs more than it saves."""
MAX_INLINE: Final = 32 * 1024
"""Maximum size in bytes of a body that is compressed on the event loop, which takes less than a millisecond. A larger
body is compressed in a thread."""
LEVEL: Final = 1
"""zlib's fastest level. Higher levels take several times as long and save only a few percent more."""
CODING: Final = "gzip"
_GZIP: Final = 16 + zlib.MAX_WBITS
_PART: Final = re.compile(r"\s*gzip\s*(;\s*q\s*=\s*(?P<weight>[01](\.[0-9]{0,3})?)\s*)?", re.IGNORECASE).fullmatch


def is_compressible(response: web.StreamResponse) -> TypeGuard[web.Response]:
    """Whether the reply is JSON of at least `MIN_SIZE` bytes whose encoding is not yet decided by a `Vary` header."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes) or len(response.body) < MIN_SIZE:
        return False
    return hdrs.VARY not in response.headers and "json" in response.headers.get(hdrs.CONTENT_TYPE, "")


async def compress(request: web.Request, response: web.Response) -> None:
    """Compress a compressible reply if the client accepts gzip."""
    response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    if accepts_gzip(request) and isinstance(response.body, bytes):
        response.body = await gzipped(response.body)
        response.headers[hdrs.CONTENT_ENCODING] = CODING


def accepts_gzip(request: web.Request) -> bool:
    """Whether the client accepts gzip."""
    return _lists_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, ""))


async def gzipped(body: bytes) -> bytes:
    """Compress a body. Equal bodies give equal results, because the gzip header contains no time."""
    return _gzip(body) if len(body) <= MAX_INLINE else await asyncio.to_thread(_gzip, body)


@lru_cache(256)  # clients send few different values
def _lists_gzip(header: str) -> bool:
    parts = [found for part in header.split(",") if (found := _PART(part))]
    return any(float(part["weight"] or 1) > 0 for part in parts)


def _gzip(body: bytes) -> bytes:
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    return compressor.compress(body) + compressor.flush()
