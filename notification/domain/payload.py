"""The bytes of notifications and rules inside feeds and rule books, to which they are opaque: msgpack, versioned.

Strict, as the codec of the values around them: what does not decode is a `DecodeError`, never a guess.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgpack

from notification.domain.duration import parse_duration
from notification.domain.model import Notification, Rule
from siblings import DecodeError

PLAIN: Final = 1
KEYED: Final = 2
"""The version of notifications that were created under an idempotency key."""
HASH_SIZE: Final = 16
"""Bytes of each hash: 128 bits, as many as make a UUID."""
KEY_HASH: Final = slice(-34, -18)
"""Where the hash of the key is in the bytes of such a notification: before the hash of the body, two bytes of header
between them."""

_FIELDS: Final[dict[int, list[type]]] = {PLAIN: [str, str, int, dict], KEYED: [str, str, int, dict, bytes, bytes]}


def encode_notification(notification: Notification) -> bytes:
    """`[1, category, message, created_at, properties]`, or `[2, …, hash of the key, hash of the body]`. The id is the
    slot's."""
    fields = [notification.category, notification.message, notification.created_at, notification.properties]
    if notification.idempotency is None:
        return bytes(msgpack.packb([PLAIN, *fields]))
    return bytes(msgpack.packb([KEYED, *fields, *notification.idempotency]))


def decode_notification(id_: str, data: bytes) -> Notification:
    """The notification in slot `id_`. Raises `DecodeError`."""
    category, message, created_at, properties, *hashes = _unpacked(data, _FIELDS)
    if not all(type(text) is str for pair in properties.items() for text in pair):
        raise DecodeError("properties that are not text")
    if any(len(hash_) != HASH_SIZE for hash_ in hashes):
        raise DecodeError("hashes of another size")
    return Notification(id_, category, message, created_at, properties, (hashes[0], hashes[1]) if hashes else None)


def is_keyed(data: bytes) -> bool:
    """Whether a notification was created under an idempotency key, without decoding it: the version says so."""
    return data[1:2] == b"\x02"


def key_hash(data: bytes) -> bytes | None:
    """The hash of the idempotency key that a notification was created under, without decoding it."""
    return data[KEY_HASH] if is_keyed(data) else None


def encode_rule(rule: Rule) -> bytes:
    """`[1, max_size, max_duration, match_on]`: a number, a text such as "12 hours", a text; empty where not given."""
    return bytes(msgpack.packb([PLAIN, rule.max_size or 0, str(rule.max_duration or ""), rule.match_on or ""]))


def decode_rule(data: bytes) -> Rule:
    """A rule. Raises `DecodeError`."""
    max_size, max_duration, match_on = _unpacked(data, {PLAIN: [int, str, str]})
    try:
        return Rule(max_size or None, parse_duration(max_duration) if max_duration else None, match_on or None)
    except ValueError as error:
        raise DecodeError(str(error)) from error


def _unpacked(data: bytes, fields: Mapping[int, list[type]]) -> list[Any]:
    """What follows the version, where it is of the types that this version has."""
    try:
        parts = msgpack.unpackb(data)
    except (ValueError, RecursionError, msgpack.UnpackException) as error:
        raise DecodeError(f"not readable: {error}") from error
    if type(parts) is not list or not parts or type(parts[0]) is not int or parts[0] not in fields:
        raise DecodeError("of an unknown version")
    if list(map(type, parts[1:])) != fields[parts[0]]:
        raise DecodeError("fields of other types")
    return parts[1:]
