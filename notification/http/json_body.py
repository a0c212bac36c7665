"""Read a request's body and parse it as JSON."""

import json
from typing import Any, Final, NoReturn

import orjson
from aiohttp import ClientError, web

from notification.domain.content import Content, check_content, valid_content
from notification.domain.drafts import JsonFloat
from notification.domain.errors import Broken, Malformed, UnsupportedMedia


async def read_json(request: web.Request) -> Any:
    """Read the body and parse it as JSON. Raises `Malformed`, `UnsupportedMedia` if its content type is not JSON, and
    `Broken` if it ends early or does not match `Content-Encoding`."""
    return parse_json(await _read_json_text(request))


async def read_content(request: web.Request) -> Content:
    """Read a notification from the body. Raises what `read_json` raises, and `Invalid` with all errors."""
    return parse_content(await _read_json_text(request))


async def _read_json_text(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise UnsupportedMedia("The body must be application/json")
    return await read_body(request)


async def read_body(request: web.Request) -> bytes:
    """Read the body. Raises `Broken` if it ends early or does not match `Content-Encoding`."""
    try:
        return await request.read()
    except (web.RequestPayloadError, ClientError, OSError) as error:
        error.with_traceback(None)  # breaks a cycle: its frames refer to the body, which refers to the error
        raise Broken("The body can't be read", ["it ends early, or does not match Content-Encoding"]) from error


def parse_json(data: bytes | str) -> Any:
    """Parse a JSON text. A number with a fraction or an exponent keeps its text. Raises `Malformed`."""
    try:
        return _DECODER.decode(data if isinstance(data, str) else data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed("Malformed JSON") from error


def parse_content(data: bytes) -> Content:
    """Parse and validate a notification. Raises `Malformed` for invalid JSON, and `Invalid` with all errors.

    orjson is four times as fast as `parse_json`, but it does not keep the text of numbers with a fraction or beyond 64
    bits. It returns these as plain floats, which are not valid content. A body with such numbers, and one that orjson
    rejects, is parsed again by `parse_json`.
    """
    try:
        content = valid_content(orjson.loads(data))
    except orjson.JSONDecodeError:
        content = None
    return check_content(parse_json(data)) if content is None else content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_float=JsonFloat, parse_constant=_refuse)
"""Shared, because `json.loads` with arguments builds a new decoder for each call."""
