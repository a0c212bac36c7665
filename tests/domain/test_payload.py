"""The bytes of notifications and rules."""

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.domain.duration import Duration
from notification.domain.model import Notification, Rule
from notification.domain.payload import (
    HASH_SIZE,
    decode_notification,
    decode_rule,
    encode_notification,
    encode_rule,
    key_hash,
)
from siblings import DecodeError
from tests.domain import values

texts = st.text(max_size=20)
hashes = st.binary(min_size=HASH_SIZE, max_size=HASH_SIZE)

notifications = st.builds(
    Notification, st.just("id"), texts, texts, st.integers(0, 2**53), st.dictionaries(texts, texts),
    st.none() | st.tuples(hashes, hashes),
)  # fmt: skip


@given(notification=notifications)
def test_a_notification_comes_back_as_it_was(notification: Notification) -> None:
    assert decode_notification("id", encode_notification(notification)) == notification


@given(notification=notifications)
def test_the_hash_of_the_key_is_read_without_decoding(notification: Notification) -> None:
    hashes = notification.idempotency
    assert key_hash(encode_notification(notification)) == (hashes and hashes[0])


@given(rules=values.rules)
def test_a_rule_comes_back_as_it_was(rules: dict[str, Rule]) -> None:
    assert {category: decode_rule(encode_rule(rule)) for category, rule in rules.items()} == rules


def test_a_duration_comes_back_in_the_unit_it_was_given_in() -> None:
    assert decode_rule(encode_rule(Rule(max_duration=Duration(60, "minute")))).max_duration == (60, "minute")


@pytest.mark.parametrize(
    "parts",
    [[], [2, "c", "m", 1, {}],
     [3, "c", "m", 1, {}], [1, "c", "m", 1, {}, b"", b""], [2, "c", "m", 1, {}, b"k" * 15, b"b" * 16],
     [True, "c", "m", 1, {}], [1, "c", "m", 1],
     [1, "c", "m", "1", {}], [1, b"c", "m", 1, {}],
     [1, "c", "m", 1, {"a": 1}], [1, "c", "m", True, {}], {}, "text", None],
)  # fmt: skip
def test_what_is_not_a_notification_is_refused(parts: object) -> None:
    with pytest.raises(DecodeError):
        decode_notification("id", msgpack.packb(parts))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x91" * 100_000, msgpack.packb([1, 0, "1 fortnight", ""])])
def test_what_is_not_a_rule_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_rule(data)
