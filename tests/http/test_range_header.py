"""`Range` headers: which are accepted, which are ignored, and that `Next-Range` can be parsed again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.domain.ranges import Range, ViewToken
from notification.http.range_header import format_range, parse_range
from siblings.ksuid import encode
from tests.domain.values import ranges

A, B = encode(9), encode(3)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("id; max=100", Range(max=100)),
        ("id;max=100", Range(max=100)),
        ("id ..; max=5", Range(max=5)),
        ("id..;max=5", Range(max=5)),
        ("id ; max = 100 ", Range(max=100)),
        ("ID; max=1", Range(max=1)),
        ("id; max=5000", Range(max=1000)),
        (f"id {A}..", Range(A)),
        (f"id {A}..; max=7", Range(A, max=7)),
        (f"id ]{A}..", Range(A, includes_start=False)),
        (f"id {A}..{B}", Range(A, stop=B)),
        (f"id {A}..{B}[", Range(A, stop=B, includes_stop=False)),
        (f"id ]{A}..{B}[; max=3", Range(A, False, B, False, 3)),
        (f"id ..{B}", Range(stop=B)),
        (f"id ..{B}[", Range(stop=B, includes_stop=False)),
        (f"id {A}..; top={A}", Range(A, frozen=ViewToken(A))),
        (f"id ]{A}..; max=7; seen={B}; top={A}", Range(A, False, max=7, frozen=ViewToken(A, B))),
        (f"id ]{A}..; top={A}; shown=*", Range(A, False, frozen=ViewToken(A, shown=None))),
        (f"id ]{A}..; top={A}; shown=0123456789-{B}", Range(A, False, frozen=ViewToken(A, shown={"0123456789": B}))),
    ],
)
def test_a_valid_range_is_understood(header: str, wanted: Range) -> None:
    assert parse_range(header) == wanted


@pytest.mark.parametrize(
    "header",
    ["", "id", "id ..", "id; max=0", "id; max=-1", "id; max=x", "id; max=", "id; max=1; max=2", "id; max=٣",
     "id; max=9999999999", "bytes=0-10", "bytes 0-10", "ids; max=1", "id; order=desc; max=1", "id max=1", "id; ; max=1",
     f"id {A}", f"id {A}{B}", f"id {A[:-1]}..", f"id {'z' * 27}..", f"id {'é' * 27}..", f"id [{A}..", f"id ].. {B}",
     f"id ]..{B}", f"id {A}..[", f"id {A}...", f"id {A}..; seen={B}", f"id {A}..; top=x", f"id {A}..; top={A}; seen=x",
     f"id {A}..; top={A}; shown=zz-{B}", f"id {A}..; top={A}; shown=0123456789-x"],
)  # fmt: skip
def test_anything_else_is_ignored(header: str) -> None:
    assert parse_range(header) is None


@given(wanted=ranges)
def test_what_is_written_is_read_back(wanted: Range) -> None:
    assert parse_range(format_range(wanted)) == wanted


@given(text=st.text(alphabet="id;=.[]max seentopshown0123456789,-*" + A, max_size=80))
def test_no_text_is_too_odd(text: str) -> None:
    wanted = parse_range(text)
    assert wanted is None or 1 <= wanted.max <= 1000
