"""The bytes of notifications and rules inside feeds and rule maps: versioned msgpack. `siblings` never decodes them.

Decoding is strict, as in `siblings.codec`: anything unexpected raises `DecodeError`.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgpack

from notification.domain.duration import parse_duration
from notification.domain.model import Notification, Rule
from siblings import DecodeError

PLAIN: Final = 1
KEYED: Final = 2
"""The version of notifications that were created with an idempotency key."""
HASH_SIZE: Final = 16
"""Size of each hash in bytes: 128 bits, as in a UUID."""
KEY_HASH: Final = slice(-34, -18)
"""Position of the key's hash in the bytes of a `KEYED` notification: before the body's hash and its two-byte header."""

_FIELDS: Final[dict[int, list[type]]] = {PLAIN: [str, str, int, dict], KEYED: [str, str, int, dict, bytes, bytes]}


def encode_notification(notification: Notification) -> bytes:
    """Encode as `[1, category, message, created_at, properties]`, or `[2, …, hash of the key, hash of the body]`.

    The id is not included, because it is the key of the slot.
    """
    fields = [notification.category, notification.message, notification.created_at, notification.properties]
    if notification.idempotency is None:
        return bytes(msgpack.packb([PLAIN, *fields]))
    return bytes(msgpack.packb([KEYED, *fields, *notification.idempotency]))


def decode_notification(id_: str, data: bytes) -> Notification:
    """Decode the notification of slot `id_`. Raises `DecodeError`."""
    category, message, created_at, properties, *hashes = _unpacked(data, _FIELDS)
    if not all(type(text) is str for pair in properties.items() for text in pair):
        raise DecodeError("a property is not text")
    if any(len(hash_) != HASH_SIZE for hash_ in hashes):
        raise DecodeError(f"a hash does not have {HASH_SIZE} bytes")
    return Notification(id_, category, message, created_at, properties, (hashes[0], hashes[1]) if hashes else None)


def is_keyed(data: bytes) -> bool:
    """Whether an encoded notification has an idempotency key. Only its version is read."""
    return data[1:2] == b"\x02"


def key_hash(data: bytes) -> bytes | None:
    """Return the hash of an encoded notification's idempotency key, or `None` if it has none. Nothing is decoded."""
    return data[KEY_HASH] if is_keyed(data) else None


def encode_rule(rule: Rule) -> bytes:
    """Encode as `[1, max_size, max_duration, match_on]`, such as `[1, 10, "12 hours", "post"]`.

    An unset `max_size` is 0; the other unset fields are empty.
    """
    return bytes(msgpack.packb([PLAIN, rule.max_size or 0, str(rule.max_duration or ""), rule.match_on or ""]))


def decode_rule(data: bytes) -> Rule:
    """Decode a rule. Raises `DecodeError`."""
    max_size, max_duration, match_on = _unpacked(data, {PLAIN: [int, str, str]})
    try:
        return Rule(max_size or None, parse_duration(max_duration) if max_duration else None, match_on or None)
    except ValueError as error:
        raise DecodeError(str(error)) from error


def _unpacked(data: bytes, fields: Mapping[int, list[type]]) -> list[Any]:
    """Return the elements after the version. `fields`: their types by version. Raises `DecodeError`."""
    try:
        parts = msgpack.unpackb(data)
    except (ValueError, RecursionError, msgpack.UnpackException) as error:
        raise DecodeError(f"not readable: {error}") from error
    if type(parts) is not list or not parts or type(parts[0]) is not int or parts[0] not in fields:
        raise DecodeError("unknown version")
    if list(map(type, parts[1:])) != fields[parts[0]]:
        raise DecodeError("the fields do not have the expected types")
    return parts[1:]
