"""A cache stays within its bound in bytes, even if its values grow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.storage.cache import ENTRY, Cache

KEYS = st.sampled_from("abcdef")
STEPS = st.lists(st.tuples(st.sampled_from(["put", "grow", "get", "drop"]), KEYS, st.integers(0, 400)), max_size=40)


class Value:
    def __init__(self, size: int) -> None:
        self.size = size


@given(steps=STEPS, capacity=st.integers(0, 2000))
def test_it_never_holds_more_than_its_capacity_and_knows_how_much_it_holds(
    steps: list[tuple[str, str, int]], capacity: int
) -> None:
    cache: Cache[Value] = Cache(capacity, lambda value: value.size)
    for step, key, size in steps:
        match step:
            case "put":
                cache.put(key, Value(size))
            case "grow" if value := cache.get(key):
                value.size += size
                cache.resize(key)
            case "drop":
                cache.pop(key, None)
            case _:
                cache.get(key)
        held = [value for key in "abcdef" if (value := cache.get(key))]
        assert cache.currsize == sum(value.size + ENTRY + 1 for value in held) <= capacity
        assert len(cache) == len(held)


def test_what_was_not_used_for_longest_is_forgotten_first() -> None:
    cache: Cache[str] = Cache(2 * (ENTRY + 1), lambda value: 0)
    cache.put("a", "1")
    cache.put("b", "2")
    cache.get("a")
    cache.put("c", "3")
    assert [cache.get(key) for key in "abc"] == ["1", None, "3"]


@pytest.mark.parametrize("grown", [False, True])
def test_what_is_larger_than_all_that_may_be_kept_pushes_nothing_out(grown: bool) -> None:
    cache: Cache[Value] = Cache(1000, lambda value: value.size)
    large = Value(0 if grown else 1000)
    cache.put("a", Value(1))
    cache.put("b", large)
    large.size = 1000
    cache.resize("b")
    assert cache.get("b") is None
    assert cache.get("a") is not None
