"""The bytes of notifications and rules inside feeds and rule books, to which they are opaque: msgpack, versioned.

Strict, as the codec of the values around them: what does not decode is a `DecodeError`, never a guess.
"""

from typing import Any, Final

import msgpack

from notification.duration import parse_duration
from notification.model import Notification, Rule
from siblings import DecodeError

VERSION: Final = 1


def encode_notification(category: str, message: str, created_at: int, properties: dict[str, str]) -> bytes:
    """`[1, category, message, created_at, properties]`; the id is the slot's."""
    return bytes(msgpack.packb([VERSION, category, message, created_at, properties]))


def decode_notification(id_: str, data: bytes) -> Notification:
    """The notification in slot `id_`. Raises `DecodeError`."""
    category, message, created_at, properties = _unpacked(data, [str, str, int, dict])
    if not all(type(text) is str for pair in properties.items() for text in pair):
        raise DecodeError("properties that are not text")
    return Notification(id_, category, message, created_at, properties)


def encode_rule(rule: Rule) -> bytes:
    """`[1, max_size, max_duration, match_on]`: a number, a text such as "12 hours", a text; empty where not given."""
    return bytes(msgpack.packb([VERSION, rule.max_size or 0, str(rule.max_duration or ""), rule.match_on or ""]))


def decode_rule(data: bytes) -> Rule:
    """A rule. Raises `DecodeError`."""
    max_size, max_duration, match_on = _unpacked(data, [int, str, str])
    try:
        return Rule(max_size or None, parse_duration(max_duration) if max_duration else None, match_on or None)
    except ValueError as error:
        raise DecodeError(str(error)) from error


def _unpacked(data: bytes, types: list[type]) -> list[Any]:
    try:
        parts = msgpack.unpackb(data)
    except (ValueError, RecursionError, msgpack.UnpackException) as error:
        raise DecodeError(f"not readable: {error}") from error
    if type(parts) is not list or not parts or type(parts[0]) is not int or parts[0] != VERSION:
        raise DecodeError("of an unknown version")
    if list(map(type, parts[1:])) != types:
        raise DecodeError("fields of other types")
    return parts[1:]
