"""Encodes and decodes mergeable values.

Equal values have equal bytes. Bytes that are not exactly one value of a known version raise `DecodeError`, because a
misread value would be merged and written back. Encoding makes the same checks, so every encoded value can be decoded.

Feeds and rule maps are msgpack arrays that begin with a version. Above `COMPRESSED_FROM` bytes they are compressed to a
zstd frame, which is recognised by its magic number. A cursor is a JSON object with exactly two fields and no version.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NoReturn, TypeVar

import msgpack
import zstandard

from siblings.cursor import Cursor
from siblings.feed import WINDOW, Feed, Slot
from siblings.ksuid import LENGTH, MAX_ID, NO_ID, is_id
from siblings.rule_map import Entry, RuleMap

VERSION: Final = 1
COMPRESSED_FROM: Final = 4096
"""Size in bytes up to which values are stored uncompressed."""
LEVEL: Final = 1
"""zstd's compression level. For feeds, it compresses as well as zstd's default, 3, in two thirds of the time."""
MAX_VALUE_BYTES: Final = 8 * 1024 * 1024
"""Maximum size of a value in bytes, before and after compression. It is eighty times the size of a full feed of typical
notifications."""

_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_SLOT_TYPES: Final = {bytes, type(None)}

T = TypeVar("T")


class DecodeError(ValueError):
    """The bytes are not a value of this type and version."""


class EncodeError(ValueError):
    """The value can't be stored: its bytes would be too large, or decoding would refuse them."""


def encode_feed(feed: Feed) -> bytes:
    """Encode a feed as `[1, floor, {id: payload or nil}]`, ids ascending. Raises `EncodeError`."""
    _checked(lambda: _check_feed(feed.floor, feed.slots))
    return _deflated([VERSION, feed.floor, feed.slots])


def decode_feed(data: bytes) -> Feed:
    """Decode a feed. Raises `DecodeError`."""
    floor, pairs = _unpacked(data)
    _expect(type(pairs) is tuple, "the slots are not a map")
    slots: dict[str, Slot] = dict(pairs)
    _expect(len(slots) == len(pairs), "a slot occurs twice")
    _check_feed(floor, slots)
    return Feed(floor, slots)


def encode_rule_map(rule_map: RuleMap) -> bytes:
    """Encode a rule map as `[1, floor, {category: [stamp, rule or nil]}]`, ascending. Raises `EncodeError`."""
    _checked(lambda: _check_rule_map(rule_map.floor, rule_map.entries.items()))
    return _deflated([VERSION, rule_map.floor, dict(sorted(rule_map.entries.items()))])


def decode_rule_map(data: bytes) -> RuleMap:
    """Decode a rule map. Raises `DecodeError`."""
    floor, pairs = _unpacked(data)
    _expect(type(pairs) is tuple, "the entries are not a map")
    _check_rule_map(floor, pairs)
    categories = [category for category, _ in pairs]
    _expect(sorted(set(categories)) == categories, "the categories are not ascending, or one occurs twice")
    return RuleMap(floor, {category: Entry(*entry) for category, entry in pairs})


def encode_cursor(cursor: Cursor) -> bytes:
    """Encode a cursor as `{"key": …, "value": …}`. Raises `EncodeError`."""
    _checked(lambda: _check_cursor(cursor.key, cursor.value))
    text = json.dumps({"key": cursor.key, "value": cursor.value}, ensure_ascii=False, separators=(",", ":"))
    return _sized(text.encode())


def decode_cursor(data: bytes) -> Cursor:
    """Decode a cursor. Raises `DecodeError`."""
    _expect(len(data) <= MAX_VALUE_BYTES, "too large")
    pairs = _parsed(lambda: json.loads(data.decode(), object_pairs_hook=tuple, parse_constant=_refuse))
    _expect(type(pairs) is tuple and [name for name, _ in pairs] == ["key", "value"], "not a key and a value")
    key, value = (text for _, text in pairs)
    _check_cursor(key, value)
    return Cursor(key, value)


def _check_feed(floor: object, slots: Mapping[str, Slot]) -> None:
    _expect(_is_floor(floor), "the floor is not an id")
    _expect(len(slots) <= WINDOW, "too many slots")
    _expect(_are_ascending_ids(str(floor), list(slots)), "the slots are not ascending ids above the floor")
    _expect(set(map(type, slots.values())) <= _SLOT_TYPES, "a payload is not bytes")


def _check_rule_map(floor: object, entries: Iterable[tuple[object, object]]) -> None:
    _expect(_is_floor(floor), "the floor is not a stamp")
    _expect(all(_is_entry(category, entry, str(floor)) for category, entry in entries), "an entry is malformed")


def _check_cursor(key: object, value: object) -> None:
    _expect(isinstance(key, str) and isinstance(value, str), "the key or the value is not text")
    _expect(value == NO_ID or is_id(str(value)), "the value is not an id")
    _expect(_is_utf8(str(key)), "the key holds a lone surrogate")  # JSON can express it; UTF-8 can't


def _checked(check: Callable[[], None]) -> None:
    """Run `check` and turn its `DecodeError` into an `EncodeError`."""
    try:
        check()
    except DecodeError as error:
        raise EncodeError(str(error)) from error


def _deflated(parts: list[object]) -> bytes:
    try:
        data = _sized(msgpack.packb(parts))
    except UnicodeEncodeError as error:
        raise EncodeError("a text holds a lone surrogate") from error
    return _sized(zstandard.ZstdCompressor(LEVEL).compress(data)) if len(data) > COMPRESSED_FROM else data


def _sized(data: bytes) -> bytes:
    """Return `data` if it has at most `MAX_VALUE_BYTES`. Raises `EncodeError`.

    Data is checked before and after compression, because compression lengthens incompressible data.
    """
    if len(data) > MAX_VALUE_BYTES:
        raise EncodeError(f"more than {MAX_VALUE_BYTES} bytes")
    return data


def _inflated(data: bytes) -> bytes:
    if data[:4] != _ZSTD_MAGIC:
        return data
    size = zstandard.frame_content_size(data)
    _expect(0 <= size <= MAX_VALUE_BYTES, "a zstd frame that does not state its size or is too large")
    return zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)


def _unpacked(data: bytes) -> tuple[Any, Any]:
    """Decode `[version, floor, body]` and return floor and body. Raises `DecodeError`.

    Maps become tuples of pairs, so that duplicate keys can be detected.
    """
    _expect(len(data) <= MAX_VALUE_BYTES, "too large")
    parts = _parsed(lambda: msgpack.unpackb(_inflated(data), object_pairs_hook=tuple, use_list=True))
    _expect(type(parts) is list and len(parts) == 3, "not an array of three")
    version, floor, body = parts
    _expect(type(version) is int and version == VERSION, "unknown version")
    return floor, body


def _parsed(parse: Callable[[], T]) -> T:
    try:
        return parse()
    except DecodeError:
        raise
    except (ValueError, RecursionError, zstandard.ZstdError, msgpack.UnpackException) as error:
        raise DecodeError(f"not readable: {error}") from error


def _is_floor(floor: object) -> bool:
    return type(floor) is str and (floor == NO_ID or is_id(floor))


def _are_ascending_ids(floor: str, ids: list[Any]) -> bool:
    """Whether `ids` are valid, ascending and above `floor`.

    All ids are checked at once in C, because a feed can have a thousand, and every change by another process makes this
    one decode the feed. `str.isalnum` would take thirteen times as long as `bytes.isalnum`, because it reads Unicode's
    properties.
    """
    if not ids:
        return True
    if set(map(type, ids)) != {str} or set(map(len, ids)) != {LENGTH}:
        return False
    digits = "".join(ids)
    return (
        digits.isascii() and digits.encode().isalnum() and floor < ids[0] and ids[-1] <= MAX_ID and ids == sorted(ids)
    )


def _is_entry(category: object, entry: object, floor: str) -> bool:
    if type(category) is not str or not isinstance(entry, list | tuple) or len(entry) != 2:
        return False
    stamp, rule = entry
    return type(stamp) is str and is_id(stamp) and stamp > floor and type(rule) in _SLOT_TYPES


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _expect(holds: bool, reason: str) -> None:
    if not holds:
        raise DecodeError(reason)


def _refuse(constant: str) -> NoReturn:
    raise DecodeError(f"{constant} is not JSON")
