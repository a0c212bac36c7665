"""One harness for every mergeable type: each is a join semilattice whose bytes come back as it was.

A new type adds one line to `TYPES`.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siblings import CURSOR, FEED, RULE_MAP, DecodeError, EncodeError, Mergeable
from tests.siblings import values

TYPES = [
    (FEED, values.feeds),
    (CURSOR, values.cursors),
    (RULE_MAP, values.rule_maps()),
]
OPERATIONS = [
    (FEED, values.feeds, values.feed_operations),
    (RULE_MAP, values.rule_maps(), values.rule_map_operations),
]
RAW = [
    (FEED, values.raw_feeds),
    (CURSOR, values.raw_cursors),
    (RULE_MAP, values.raw_rule_maps),
]
every_type = pytest.mark.parametrize(("type_", "some"), TYPES, ids=lambda part: getattr(part, "name", ""))


@every_type
@given(data=st.data())
def test_merge_is_commutative(type_: Mergeable[Any], some: st.SearchStrategy[Any], data: st.DataObject) -> None:
    a, b = data.draw(some), data.draw(some)
    assert type_.merge(a, b) == type_.merge(b, a)


@every_type
@given(data=st.data())
def test_merge_is_associative(type_: Mergeable[Any], some: st.SearchStrategy[Any], data: st.DataObject) -> None:
    a, b, c = data.draw(some), data.draw(some), data.draw(some)
    assert type_.merge(type_.merge(a, b), c) == type_.merge(a, type_.merge(b, c))


@every_type
@given(data=st.data())
def test_merge_is_idempotent(type_: Mergeable[Any], some: st.SearchStrategy[Any], data: st.DataObject) -> None:
    a, b = data.draw(some), data.draw(some)
    merged = type_.merge(a, b)
    assert type_.merge(merged, b) == merged == type_.merge(merged, merged)


@every_type
@given(data=st.data())
def test_the_least_value_changes_nothing(
    type_: Mergeable[Any], some: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    a = data.draw(some)
    assert type_.merge(type_.least, a) == a == type_.join([a])


@every_type
@given(data=st.data())
def test_join_does_not_care_for_order_or_repetition(
    type_: Mergeable[Any], some: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    siblings = data.draw(st.lists(some, min_size=1, max_size=4))
    shuffled = data.draw(st.permutations([*siblings, siblings[0]]))
    assert type_.join(shuffled) == type_.join(siblings)


@every_type
@given(data=st.data())
def test_bytes_come_back_as_the_value(type_: Mergeable[Any], some: st.SearchStrategy[Any], data: st.DataObject) -> None:
    a = data.draw(some)
    assert type_.decode(type_.encode(a)) == a


@pytest.mark.parametrize(("type_", "raw"), RAW, ids=["feed", "cursor", "rule map"])
@given(data=st.data())
def test_what_is_encoded_decodes_and_what_would_not_decode_is_refused(
    type_: Mergeable[Any], raw: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(raw)
    try:
        encoded = type_.encode(value)
    except EncodeError:
        return
    assert type_.decode(encoded) == value


@every_type
@given(data=st.data())
def test_equal_values_have_equal_bytes(
    type_: Mergeable[Any], some: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    a, b = data.draw(some), data.draw(some)
    assert type_.encode(type_.merge(a, b)) == type_.encode(type_.merge(b, a))


@every_type
@given(data=st.data())
def test_cut_or_lengthened_bytes_are_refused(
    type_: Mergeable[Any], some: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    encoded = type_.encode(data.draw(some))
    at = data.draw(st.integers(0, len(encoded) - 1))
    for broken in (encoded[:at], encoded + b"\x00"):
        with pytest.raises(DecodeError):
            type_.decode(broken)


@every_type
@given(junk=st.binary(max_size=200))
def test_junk_is_a_value_or_refused_but_nothing_else(
    type_: Mergeable[Any], some: st.SearchStrategy[Any], junk: bytes
) -> None:
    try:
        value = type_.decode(junk)
    except DecodeError:
        return
    assert type_.decode(type_.encode(value)) == value


@pytest.mark.parametrize(("type_", "some", "operations"), OPERATIONS, ids=["feed", "rule map"])
@given(data=st.data())
def test_every_operation_only_adds_knowledge(
    type_: Mergeable[Any], some: st.SearchStrategy[Any], operations: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    a, operation = data.draw(some), data.draw(operations)
    assert type_.merge(a, operation(a)) == operation(a)


@pytest.mark.parametrize(("type_", "some", "operations"), OPERATIONS, ids=["feed", "rule map"])
@given(data=st.data())
def test_every_operation_may_be_repeated(
    type_: Mergeable[Any], some: st.SearchStrategy[Any], operations: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    a, operation = data.draw(some), data.draw(operations)
    once = operation(a)
    assert operation(once) == once
