"""Ids: strict, ordered, ordinary KSUIDs to others. The judge is svix-ksuid, an implementation that is not ours."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ksuid import Ksuid

from siblings import ksuid

SECOND = 1_000_000_000
NOW = 1_795_336_684 * SECOND
numbers = st.integers(0, 2**160 - 1)
clocks = st.integers(ksuid.EPOCH * SECOND, (ksuid.EPOCH + 2**32) * SECOND - 1)
randomnesses = st.binary(min_size=14, max_size=14)


@given(number=numbers)
def test_an_id_has_the_text_and_the_bytes_that_another_implementation_gives_it(number: int) -> None:
    theirs = Ksuid.from_bytes(number.to_bytes(20, "big"))
    assert ksuid.encode(number) == str(theirs)
    assert ksuid.decode(str(theirs)) == number


@given(a=numbers, b=numbers)
def test_the_order_of_texts_is_the_order_of_bytes(a: int, b: int) -> None:
    assert (ksuid.encode(a) < ksuid.encode(b)) == (a < b)


@given(now=clocks, randomness=randomnesses)
def test_another_implementation_reads_the_second_of_an_id(now: int, randomness: bytes) -> None:
    theirs = Ksuid.from_base62(ksuid.next_id(now, randomness))
    assert theirs.timestamp == now // SECOND


@given(now=clocks, later=st.integers(SECOND // 65536 + 1, 10 * SECOND), randoms=st.tuples(randomnesses, randomnesses))
def test_ids_of_one_second_sort_by_time_across_writers(now: int, later: int, randoms: tuple[bytes, bytes]) -> None:
    if now + later < (ksuid.EPOCH + 2**32) * SECOND:
        assert ksuid.next_id(now, randoms[0]) < ksuid.next_id(now + later, randoms[1])


@given(
    now=st.integers(0, (ksuid.EPOCH + 2**32) * SECOND - 1), randomness=randomnesses, number=st.integers(0, 2**160 - 2)
)
def test_a_new_id_is_above_what_its_writer_knows_whatever_the_clock_says(
    now: int, randomness: bytes, number: int
) -> None:
    above = ksuid.encode(number)
    new = ksuid.next_id(now, randomness, above)
    assert ksuid.is_id(new)
    assert new > above


@given(randoms=st.tuples(randomnesses, randomnesses))
def test_successors_of_one_id_step_by_up_to_two_to_the_64(randoms: tuple[bytes, bytes]) -> None:
    above = ksuid.next_id(NOW, bytes(14))
    steps = [ksuid.decode(ksuid.next_id(0, random, above)) - ksuid.decode(above) for random in randoms]
    assert all(1 <= step <= 2**64 for step in steps)
    assert (steps[0] == steps[1]) == (randoms[0][:8] == randoms[1][:8])


def test_ten_thousand_ids_of_one_instant_increase() -> None:
    ids = [ksuid.next_id(NOW, bytes(14))]
    for number in range(10_000):
        ids.append(ksuid.next_id(NOW, number.to_bytes(14, "big"), ids[-1]))
    assert all(a < b for a, b in pairwise(ids))


@given(now=clocks, randomness=randomnesses)
def test_the_greatest_id_of_an_instant_is_above_every_id_of_it(now: int, randomness: bytes) -> None:
    assert ksuid.next_id(now, randomness) <= ksuid.latest_at(now)
    assert ksuid.is_id(ksuid.latest_at(now))


def test_the_greatest_id_of_an_instant_stays_an_id_for_any_clock() -> None:
    assert ksuid.latest_at(10**30) == ksuid.MAX_ID
    assert ksuid.latest_at(-1) == ksuid.latest_at(ksuid.EPOCH * SECOND)


@pytest.mark.parametrize(
    "text",
    ["", "short", "0" * 26, "0" * 28, "aWgEPTl1tmebfsQzFP4bxwgy80W", "z" * 27, "0" * 26 + "-", "0" * 26 + "é",
     "0" * 26 + "٣", "0" * 27 + "\n", " " + "0" * 26],
)  # fmt: skip
def test_what_is_not_27_base62_digits_within_160_bits_is_no_id(text: str) -> None:
    assert not ksuid.is_id(text)
    with pytest.raises(ValueError, match="not a KSUID"):
        ksuid.decode(text)


@pytest.mark.parametrize("text", [ksuid.MIN_ID, ksuid.MAX_ID, "0ujtsYcgvSTl8PAuAdqWYSMnLOv"])
def test_the_least_the_greatest_and_an_ordinary_id_are_ids(text: str) -> None:
    assert ksuid.is_id(text)


def test_the_published_example_has_its_published_time() -> None:
    """From the README of segmentio/ksuid: 0ujtsYcgvSTl8PAuAdqWYSMnLOv is of 2017-10-09 21:00:47 -0700."""
    seconds = ksuid.decode("0ujtsYcgvSTl8PAuAdqWYSMnLOv") >> 128
    assert datetime.fromtimestamp(seconds + ksuid.EPOCH, UTC) == datetime(2017, 10, 10, 4, 0, 47, tzinfo=UTC)


def test_above_the_greatest_id_there_is_none() -> None:
    with pytest.raises(ksuid.NoIdLeft):
        ksuid.next_id(NOW, bytes(14), ksuid.MAX_ID)


def test_past_the_year_2150_there_are_no_ids() -> None:
    with pytest.raises(ksuid.NoIdLeft):
        ksuid.next_id((ksuid.EPOCH + 2**32) * SECOND, bytes(14))


def test_a_step_never_leads_past_the_greatest_id() -> None:
    assert ksuid.next_id(0, b"\xff" * 14, ksuid.encode(2**160 - 5)) == ksuid.MAX_ID


def test_a_clock_before_the_epoch_gives_the_first_ids() -> None:
    assert ksuid.next_id(0, bytes(14)) == ksuid.encode(1)


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(ValueError, match="14 bytes"):
        ksuid.next_id(NOW, b"short")


@pytest.mark.parametrize("number", [-1, 2**160])
def test_numbers_of_more_than_160_bits_have_no_id(number: int) -> None:
    with pytest.raises(ValueError, match="160 bits"):
        ksuid.encode(number)


def test_an_earlier_id_is_at_or_below_all_that_were_made_in_between() -> None:
    made = ksuid.next_id(NOW, bytes(14))
    assert ksuid.next_id(NOW - 15 * SECOND - 100_000, b"\xff" * 14) < ksuid.earlier(made, 15 * SECOND)
    assert ksuid.earlier(made, 15 * SECOND) <= ksuid.next_id(NOW - 15 * SECOND + 100_000, bytes(14))


def test_nothing_is_earlier_than_the_least_id() -> None:
    assert ksuid.earlier(ksuid.encode(5), 1_000_000_000) == ksuid.MIN_ID
