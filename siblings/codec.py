"""The bytes of mergeable values.

Equal values have equal bytes, and what is not a whole value of a known version is a `DecodeError`, never a guess:
a value read wrong would be merged and written back wrong. What could not be read back is never written: encoding makes
the same checks, and raises `EncodeError`. Feeds and rule books are msgpack arrays that
begin with a version; the larger ones are zstd frames, told by their magic number. Cursors are JSON objects
of two fields; those two fields are their version.
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
"""Bytes; shorter values are stored as they are."""
MAX_VALUE_BYTES: Final = 8 * 1024 * 1024
"""Bytes of one value once inflated: eighty times a full feed of usual notifications, and not enough to hurt."""

_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_SLOT_TYPES: Final = {bytes, type(None)}

T = TypeVar("T")


class DecodeError(ValueError):
    """These bytes are not a value of this type and version."""


class EncodeError(ValueError):
    """This value has no bytes that would decode: it is too large, or not a value of its type."""


def encode_feed(feed: Feed) -> bytes:
    """`[1, floor, {id: payload or nil}]`, ids ascending. Raises `EncodeError`."""
    _checked(lambda: _check_feed(feed.floor, feed.slots))
    return _deflated([VERSION, feed.floor, feed.slots])


def decode_feed(data: bytes) -> Feed:
    """A feed from its bytes. Raises `DecodeError`."""
    floor, pairs = _unpacked(data)
    _expect(type(pairs) is tuple, "the slots are not a map")
    slots: dict[str, Slot] = dict(pairs)
    _expect(len(slots) == len(pairs), "a slot twice")
    _check_feed(floor, slots)
    return Feed(floor, slots)


def encode_rule_map(book: RuleMap) -> bytes:
    """`[1, floor, {category: [stamp, rule or nil]}]`, categories ascending. Raises `EncodeError`."""
    _checked(lambda: _check_rulebook(book.floor, book.entries.items()))
    return _deflated([VERSION, book.floor, dict(sorted(book.entries.items()))])


def decode_rule_map(data: bytes) -> RuleMap:
    """A rule book from its bytes. Raises `DecodeError`."""
    floor, pairs = _unpacked(data)
    _expect(type(pairs) is tuple, "the entries are not a map")
    _check_rulebook(floor, pairs)
    categories = [category for category, _ in pairs]
    _expect(sorted(set(categories)) == categories, "categories twice, or not ascending")
    return RuleMap(floor, {category: Entry(*entry) for category, entry in pairs})


def encode_cursor(cursor: Cursor) -> bytes:
    """`{"key": …, "value": …}`. Raises `EncodeError`."""
    _checked(lambda: _check_cursor(cursor.key, cursor.value))
    text = json.dumps({"key": cursor.key, "value": cursor.value}, ensure_ascii=False, separators=(",", ":"))
    return _sized(text.encode())


def decode_cursor(data: bytes) -> Cursor:
    """A cursor from its bytes. Raises `DecodeError`."""
    _expect(len(data) <= MAX_VALUE_BYTES, "too large")
    pairs = _parsed(lambda: json.loads(data.decode(), object_pairs_hook=tuple, parse_constant=_refuse))
    _expect(type(pairs) is tuple and [name for name, _ in pairs] == ["key", "value"], "not a key and a value")
    key, value = (text for _, text in pairs)
    _check_cursor(key, value)
    return Cursor(key, value)


def _check_feed(floor: object, slots: Mapping[str, Slot]) -> None:
    _expect(_is_floor(floor), "the floor is not an id")
    _expect(len(slots) <= WINDOW, "too many slots")
    _expect(_are_ascending_ids(str(floor), list(slots)), "slots that are not ids above the floor, ascending")
    _expect(set(map(type, slots.values())) <= _SLOT_TYPES, "a payload that is not bytes")


def _check_rulebook(floor: object, entries: Iterable[tuple[object, object]]) -> None:
    _expect(_is_floor(floor), "the floor is not a stamp")
    _expect(all(_is_entry(category, entry, str(floor)) for category, entry in entries), "an entry that is none")


def _check_cursor(key: object, value: object) -> None:
    _expect(isinstance(key, str) and isinstance(value, str), "the key or the value is not text")
    _expect(value == NO_ID or is_id(str(value)), "the value is not an id")
    _expect(_is_utf8(str(key)), "the key holds half a surrogate pair")  # JSON can name those; UTF-8 can't


def _checked(check: Callable[[], None]) -> None:
    """Raise `EncodeError` where `check` raises `DecodeError`."""
    try:
        check()
    except DecodeError as error:
        raise EncodeError(str(error)) from error


def _deflated(parts: list[object]) -> bytes:
    try:
        data = _sized(msgpack.packb(parts))
    except UnicodeEncodeError as error:
        raise EncodeError("a text holds half a surrogate pair") from error
    return _sized(zstandard.ZstdCompressor().compress(data)) if len(data) > COMPRESSED_FROM else data


def _sized(data: bytes) -> bytes:
    """The bytes of a value, before and after they are compressed: what does not compress grows a little."""
    if len(data) > MAX_VALUE_BYTES:
        raise EncodeError(f"more than {MAX_VALUE_BYTES} bytes")
    return data


def _inflated(data: bytes) -> bytes:
    if data[:4] != _ZSTD_MAGIC:
        return data
    size = zstandard.frame_content_size(data)
    _expect(0 <= size <= MAX_VALUE_BYTES, "a frame that does not say its size, or too large a one")
    return zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)


def _unpacked(data: bytes) -> tuple[Any, Any]:
    """What follows the version in an array of three. Maps come as tuples of pairs, so that no key hides another."""
    _expect(len(data) <= MAX_VALUE_BYTES, "too large")
    parts = _parsed(lambda: msgpack.unpackb(_inflated(data), object_pairs_hook=tuple, use_list=True))
    _expect(type(parts) is list and len(parts) == 3, "not an array of three")
    version, floor, body = parts
    _expect(type(version) is int and version == VERSION, "of an unknown version")
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
    """One pass in C over all ids together: a feed has a thousand of them, and is decoded on every change elsewhere."""
    if not ids:
        return True
    if set(map(type, ids)) != {str} or set(map(len, ids)) != {LENGTH}:
        return False
    digits = "".join(ids)
    return digits.isascii() and digits.isalnum() and floor < ids[0] and ids[-1] <= MAX_ID and ids == sorted(ids)


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
