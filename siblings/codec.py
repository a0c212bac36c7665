"""The bytes of mergeable values.

Equal values have equal bytes, and what is not a whole value of a known version is a `DecodeError`, never a guess:
a value read wrong would be merged and written back wrong. Feeds and rule books are msgpack arrays that
begin with a version; the larger ones are zstd frames, told by their magic number. Cursors are JSON objects
of two fields; those two fields are their version.
"""

import json
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

import msgpack
import zstandard

from siblings.cursor import Cursor
from siblings.feed import WINDOW, Feed, Slot
from siblings.ksuid import GREATEST, LENGTH, NO_ID, is_id
from siblings.rulebook import Entry, RuleBook

VERSION: Final = 1
COMPRESSED_FROM: Final = 4096
"""Bytes; shorter values are stored as they are."""
GREATEST_SIZE: Final = 8 * 1024 * 1024
"""Bytes of one value once inflated: eighty times a full feed of usual notifications, and not enough to hurt."""

_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_SLOT_TYPES: Final = {bytes, type(None)}

T = TypeVar("T")


class DecodeError(ValueError):
    """These bytes are not a value of this type and version."""


def encode_feed(feed: Feed) -> bytes:
    """`[1, floor, {id: payload or nil}]`, ids ascending."""
    return _deflated(msgpack.packb([VERSION, feed.floor, feed.slots]))


def decode_feed(data: bytes) -> Feed:
    """A feed from its bytes. Raises `DecodeError`."""
    floor, pairs = _unpacked(data)
    _expect(_is_floor(floor), "the floor is not an id")
    _expect(type(pairs) is tuple, "the slots are not a map")
    slots: dict[str, Slot] = dict(pairs)
    _expect(len(slots) == len(pairs) <= WINDOW, "a slot twice, or too many of them")
    _expect(_are_ascending_ids(floor, list(slots)), "slots that are not ids above the floor, ascending")
    _expect(set(map(type, slots.values())) <= _SLOT_TYPES, "a payload that is not bytes")
    return Feed(floor, slots)


def encode_rulebook(book: RuleBook) -> bytes:
    """`[1, floor, {category: [stamp, rule or nil]}]`, categories ascending."""
    return _deflated(msgpack.packb([VERSION, book.floor, dict(sorted(book.entries.items()))]))


def decode_rulebook(data: bytes) -> RuleBook:
    """A rule book from its bytes. Raises `DecodeError`."""
    floor, pairs = _unpacked(data)
    _expect(_is_floor(floor), "the floor is not a stamp")
    _expect(type(pairs) is tuple, "the entries are not a map")
    _expect(all(_is_entry(category, entry, floor) for category, entry in pairs), "an entry that is none")
    categories = [category for category, _ in pairs]
    _expect(sorted(set(categories)) == categories, "categories twice, or not ascending")
    return RuleBook(floor, {category: Entry(*entry) for category, entry in pairs})


def encode_cursor(cursor: Cursor) -> bytes:
    """`{"key": …, "value": …}`."""
    return json.dumps({"key": cursor.key, "value": cursor.value}, ensure_ascii=False, separators=(",", ":")).encode()


def decode_cursor(data: bytes) -> Cursor:
    """A cursor from its bytes. Raises `DecodeError`."""
    _expect(len(data) <= GREATEST_SIZE, "too large")
    pairs = _parsed(lambda: json.loads(data.decode(), object_pairs_hook=tuple, parse_constant=_refuse))
    _expect(type(pairs) is tuple and [name for name, _ in pairs] == ["key", "value"], "not a key and a value")
    key, value = (text for _, text in pairs)
    _expect(type(key) is str and type(value) is str, "the key or the value is not text")
    _expect(value == NO_ID or is_id(value), "the value is not an id")
    _parsed(key.encode)  # JSON can name halves of surrogate pairs; UTF-8 can't
    return Cursor(key, value)


def _deflated(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data) if len(data) > COMPRESSED_FROM else data


def _inflated(data: bytes) -> bytes:
    if data[:4] != _ZSTD_MAGIC:
        return data
    size = zstandard.frame_content_size(data)
    _expect(0 <= size <= GREATEST_SIZE, "a frame that does not say its size, or too large a one")
    return zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)


def _unpacked(data: bytes) -> tuple[Any, Any]:
    """What follows the version in an array of three. Maps come as tuples of pairs, so that no key hides another."""
    _expect(len(data) <= GREATEST_SIZE, "too large")
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
    return digits.isascii() and digits.isalnum() and floor < ids[0] and ids[-1] <= GREATEST and ids == sorted(ids)


def _is_entry(category: object, entry: object, floor: str) -> bool:
    if type(category) is not str or type(entry) is not list or len(entry) != 2:
        return False
    stamp, rule = entry
    return type(stamp) is str and is_id(stamp) and stamp > floor and type(rule) in _SLOT_TYPES


def _expect(holds: bool, reason: str) -> None:
    if not holds:
        raise DecodeError(reason)


def _refuse(constant: str) -> NoReturn:
    raise DecodeError(f"{constant} is not JSON")
