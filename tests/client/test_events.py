"""Server-Sent Events: the standard's details, whatever pieces the bytes come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.client.errors import NotUnderstood
from notification.client.events import EventParser, ServerSentEvent


def parsed(*pieces: bytes) -> list[ServerSentEvent]:
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)]


@pytest.mark.parametrize(
    ("sent", "events"),
    [
        (b"data: a\n\n", [("message", "a", "")]),
        (b"event: seen\ndata: a\n\n", [("seen", "a", "")]),
        (b"event: seen\ndata: a\n\ndata: b\n\n", [("seen", "a", ""), ("message", "b", "")]),
        (b"data: a\ndata: b\n\n", [("message", "a\nb", "")]),
        (b"data: a\r\ndata: b\r\n\r\n", [("message", "a\nb", "")]),
        (b"data: a\rdata: b\r\r", [("message", "a\nb", "")]),
        (b"data: a\r\n\n", [("message", "a", "")]),
        (b"data:  a\n\n", [("message", " a", "")]),
        (b"data:a:b\n\n", [("message", "a:b", "")]),
        (b"data\n\n", [("message", "", "")]),
        (b"data\ndata\n\n", [("message", "\n", "")]),
        (b": comment\ndata: a\n:\n\n", [("message", "a", "")]),
        (b"other: x\ndata: a\n\n", [("message", "a", "")]),
        (b"Data: a\n\n", []),
        (b"event: seen\n\n", []),
        (b"event: seen\n\ndata: a\n\n", [("message", "a", "")]),
        (b"data: a\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", [("message", "a", "")]),
        (b"\n\xef\xbb\xbfdata: a\n\n", []),
        (b"data: \xff\n\n", [("message", "\ufffd", "")]),
        ("data: a\u2028b\u0085c\x0bd\n\n".encode(), [("message", "a\u2028b\u0085c\x0bd", "")]),
        (b"id: 7\ndata: a\n\ndata: b\n\n", [("message", "a", "7"), ("message", "b", "7")]),
        (b"id: 7\ndata: a\n\nid\ndata: b\n\n", [("message", "a", "7"), ("message", "b", "")]),
        (b"id: 7\ndata: a\n\nid: 8\x00\ndata: b\n\n", [("message", "a", "7"), ("message", "b", "7")]),
    ],
)
def test_events_are_read_as_the_standard_has_them(sent: bytes, events: list[tuple[str, str, str]]) -> None:
    assert parsed(sent) == events


LINES = st.sampled_from(
    [
        "data: a",
        "data:b",
        "data",
        "id: 1",
        "id",
        "event: seen",
        "event",
        ": comment",
        ":",
        "retry: 5",
        "x",
        "data: é€",
        "",
    ]
)


@given(
    lines=st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r", "\r\n"])), max_size=30),
    has_bom=st.booleans(),
    data=st.data(),
)
def test_any_pieces_give_the_events_of_the_whole(
    lines: list[tuple[str, str]], has_bom: bool, data: st.DataObject
) -> None:
    whole = (b"\xef\xbb\xbf" if has_bom else b"") + "".join(line + end for line, end in lines).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=20)))
    pieces = [whole[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert parsed(*pieces) == parsed(whole) == parsed(*(bytes([byte]) for byte in whole))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_error(sent: bytes) -> None:
    parsed(sent)


def test_an_event_is_given_as_soon_as_its_last_line_ends() -> None:
    assert parsed(b"data: a\r\r") == [("message", "a", "")]


def test_an_event_that_was_cut_off_is_not_what_to_resume_from() -> None:
    parser = EventParser("6")
    list(parser.feed(b"id: 7\ndata: a\n\nid: 8\ndata: b\n"))
    assert parser.last_id == "7"


@pytest.mark.parametrize(("sent", "seconds"), [(b"retry: 1500\n", 1.5), (b"retry: soon\n", None), (b"retry\n", None)])
def test_the_pause_that_is_asked_for_is_told(sent: bytes, seconds: float | None) -> None:
    parser = EventParser()
    list(parser.feed(sent))
    assert parser.retry == seconds


@pytest.mark.parametrize("line", [b"data: " + b"x" * 999 + b"\n", b"data\n" * 1001, b"x" * 1001])
def test_an_event_without_end_is_refused(line: bytes) -> None:
    parser = EventParser(max_bytes=1000)
    with pytest.raises(NotUnderstood, match="more than 1000 bytes"):
        list(parser.feed(line))
