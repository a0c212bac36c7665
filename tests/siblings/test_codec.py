"""Bytes that are not a value are refused, each for its reason."""

import json
import random
from typing import Any

import msgpack
import pytest
import zstandard

from siblings import CURSOR, FEED, RULE_MAP, WINDOW, Cursor, DecodeError, EncodeError, Feed, Mergeable, RuleMap
from siblings.codec import COMPRESSED_FROM, MAX_VALUE_BYTES
from siblings.ksuid import MAX_ID, MIN_ID, NO_ID, encode
from siblings.rule_map import Entry

ID, LOWER = encode(9), encode(3)


def packed(*parts: Any) -> bytes:
    return bytes(msgpack.packb(list(parts)))


def pairs(*items: tuple[str, bytes]) -> bytes:
    """A feed whose map holds these pairs as they are, the same key twice too."""
    packer = msgpack.Packer(autoreset=False)
    packer.pack_array_header(3)
    packer.pack(1)
    packer.pack("")
    packer.pack_map_pairs(items)
    return bytes(packer.bytes())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xc1", b"\x93", packed(), packed(1, "", {}, 4), msgpack.packb({"a": 1}), packed(2, "", {}),
        packed(True, "", {}), packed(1.0, "", {}), packed(1, None, {}), packed(1, "short", {}), packed(1, b"", {}),
        packed(1, "", []), packed(1, "", None), packed(1, "", {"short": b""}), packed(1, "", {"z" * 27: b""}),
        packed(1, "", {ID: "text"}), packed(1, "", {ID: 5}), packed(1, "", {ID: b"x", LOWER: b"y"}),
        packed(1, ID, {LOWER: b"x"}), packed(1, ID, {ID: b"x"}), packed(1, "", {b"0" * 27: b""}),
        packed(1, "", {"é" * 27: b"x"}), packed(1, "", {MIN_ID[:-1] + "-": b""}),
        packed(1, "", {encode(n): b"" for n in range(1, WINDOW + 2)}),
        pairs((ID, b"x"), (ID, b"y")), b"\x93\x01\xa1\xff\x80",
        zstandard.compress(b"not msgpack"), zstandard.compress(packed(1, "", {}))[:-1],
        zstandard.compress(packed(1, "", {})) + b"x", zstandard.compress(bytes(MAX_VALUE_BYTES + 1)),
        zstandard.ZstdCompressor(write_content_size=False).compress(packed(1, "", {})),
        b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfdjunk", bytes(MAX_VALUE_BYTES + 1), b"\x91" * 100_000,
    ],
)  # fmt: skip
def test_what_is_not_a_feed_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        FEED.decode(data)


@pytest.mark.parametrize(
    "body",
    [[], {"like": [ID]}, {"like": [ID, b"", 1]}, {"like": "text"}, {"like": ["short", b""]}, {"like": [ID, "text"]},
     {5: [ID, b""]}, {"b": [ID, b""], "a": [ID, b""]}, {"like": [LOWER, b""]}],
)  # fmt: skip
def test_what_is_not_a_rule_book_is_refused(body: object) -> None:
    with pytest.raises(DecodeError):
        RULE_MAP.decode(packed(1, LOWER, body))


def test_a_rule_book_with_a_floor_that_is_no_stamp_is_refused() -> None:
    with pytest.raises(DecodeError):
        RULE_MAP.decode(packed(1, "short", {}))


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"{}", b'{"key":"a"}', b'{"value":"","key":"a"}', b'{"key":"a","value":"short"}',
     b'{"key":1,"value":""}', b'{"key":"a","value":null}', b'{"key":"a","value":"","version":2}', b"\xff",
     b'{"key":"a","value":NaN}', b"[" * 200_000, b'{"key":"a","key":"a","value":""}', b'{"key":"\\ud800","value":""}',
     b" " * (MAX_VALUE_BYTES + 1)],
)  # fmt: skip
def test_what_is_not_a_cursor_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        CURSOR.decode(data)


def test_a_cursor_is_stored_as_plain_json() -> None:
    stored = CURSOR.encode(Cursor("test-notifications", ID))
    assert json.loads(stored) == {"key": "test-notifications", "value": ID}


def test_a_feed_is_stored_as_plain_msgpack_while_it_is_small() -> None:
    stored = FEED.encode(Feed.of(LOWER, {ID: b"payload", MAX_ID: None}))
    assert msgpack.unpackb(stored) == [1, LOWER, {ID: b"payload", MAX_ID: None}]


def test_a_large_feed_is_stored_compressed() -> None:
    feed = Feed.of(NO_ID, {encode(number): b"payload " * 5 for number in range(1, 500)})
    stored = FEED.encode(feed)
    assert stored.startswith(b"\x28\xb5\x2f\xfd")
    assert len(stored) < COMPRESSED_FROM < len(zstandard.decompress(stored))


NOISE = random.Random(1).randbytes(MAX_VALUE_BYTES)


@pytest.mark.parametrize("filling", [bytes(MAX_VALUE_BYTES), NOISE])
@pytest.mark.parametrize(("missing", "expected"), [(0, {False}), (100, {True, False}), (5000, {True})])
def test_a_value_about_as_large_as_may_be_is_refused_or_decodes(
    filling: bytes, missing: int, expected: set[bool]
) -> None:
    payload = filling[missing:]
    for type_, value in ((FEED, Feed(NO_ID, {ID: payload})), (RULE_MAP, RuleMap(NO_ID, {"a": Entry(ID, payload)}))):
        assert _comes_back_or_is_refused(type_, value) in expected


def test_too_large_a_cursor_is_not_encoded() -> None:
    with pytest.raises(EncodeError):
        CURSOR.encode(Cursor("a" * MAX_VALUE_BYTES, ID))


def test_more_slots_than_a_window_are_not_encoded() -> None:
    with pytest.raises(EncodeError):
        FEED.encode(Feed(NO_ID, {encode(number): b"" for number in range(1, WINDOW + 2)}))


def _comes_back_or_is_refused(type_: Mergeable[Any], value: object) -> bool:
    try:
        encoded = type_.encode(value)
    except EncodeError:
        return False
    assert type_.decode(encoded) == value
    return True


def test_a_category_with_half_a_surrogate_pair_is_not_encoded() -> None:
    with pytest.raises(EncodeError):
        RULE_MAP.encode(RuleMap(NO_ID, {"\ud800ab": Entry(encode(1), b"")}))
