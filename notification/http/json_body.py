"""Reading a request's JSON body."""

import json
from typing import Any, Final, NoReturn

from aiohttp import ClientError, web

from notification.domain.drafts import JsonFloat
from notification.domain.errors import Broken, Malformed, UnsupportedMedia


async def read_json(request: web.Request) -> Any:
    """The body. Raises `UnsupportedMedia` if it is not JSON by its type, `Malformed` if it is not by its text, or does
    not arrive whole."""
    if request.content_type != "application/json":
        raise UnsupportedMedia("The body has to be application/json")
    try:
        return parse_json(await request.read())
    except (web.RequestPayloadError, ClientError, OSError) as error:
        raise Broken("The body can't be read", ["it breaks off, or is not encoded as Content-Encoding says"]) from error


def parse_json(data: bytes | str) -> Any:
    """The value of a JSON text. Raises `Malformed`."""
    try:
        return _DECODER.decode(data if isinstance(data, str) else data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed("Malformed JSON") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_float=JsonFloat, parse_constant=_refuse)
"""Kept: `json.loads` with arguments makes one for each text."""
