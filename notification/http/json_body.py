"""Read a request's body, and JSON from it."""

import json
from typing import Any, Final, NoReturn

from aiohttp import ClientError, web

from notification.domain.drafts import JsonFloat
from notification.domain.errors import Broken, Malformed, UnsupportedMedia


async def read_json(request: web.Request) -> Any:
    """Read and parse the body. Raises `UnsupportedMedia` if its content type is not JSON, `Malformed` if its text is
    not, and `Broken` if it ends early."""
    if request.content_type != "application/json":
        raise UnsupportedMedia("The body must be application/json")
    return parse_json(await read_body(request))


async def read_body(request: web.Request) -> bytes:
    """Read the body. Raises `Broken` if it ends early."""
    try:
        return await request.read()
    except (web.RequestPayloadError, ClientError, OSError) as error:
        error.with_traceback(None)  # its frames refer to the body, which refers to the error
        raise Broken("The body can't be read", ["it ends early, or does not match Content-Encoding"]) from error


def parse_json(data: bytes | str) -> Any:
    """Parse a JSON text. A number with a fraction or an exponent keeps its text. Raises `Malformed`."""
    try:
        return _DECODER.decode(data if isinstance(data, str) else data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed("Malformed JSON") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_float=JsonFloat, parse_constant=_refuse)
"""Shared, because `json.loads` with arguments builds a decoder for each text."""
