"""Framing, and the messages of a real cluster as our classes read and write them."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from notification.riak.errors import GarbledReply
from notification.riak.messages import Code, Frame, FrameParser, frame
from tests.riak.recorded import Recorded, known, steps

STEPS = steps()
LIMIT = 1 << 20

frames = st.lists(st.builds(Frame, st.integers(0, 255), st.binary(max_size=300)))


def requests() -> list[Recorded]:
    return [step.request for step in STEPS]


def responses() -> list[Recorded]:
    return [response for step in STEPS for response in step.responses if response.data]


def of(messages: list[Recorded]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("recorded", messages, ids=lambda message: message.name)


def test_there_is_a_recording_of_each_kind() -> None:
    assert {"RpbGetResp", "RpbPutResp", "RpbErrorResp", "RpbGetBucketResp"} <= {each.name for each in responses()}


@of([request for request in requests() if request.fields or request.kind is None])
def test_a_request_is_written_as_the_recorded_client_wrote_it(recorded: Recorded) -> None:
    assert frame(recorded.code, body_of(recorded)) == recorded.data


@of(responses())
def test_a_response_is_read_as_recorded(recorded: Recorded) -> None:
    (read,) = FrameParser(LIMIT).feed(recorded.data)
    assert read.code == recorded.code
    if recorded.kind is not None:
        wanted = known(recorded.kind, recorded.fields)
        assert {name: plain(value) for name, value in set_fields(recorded.kind.FromString(read.body))} == wanted


@settings(deadline=None)
@given(sent=frames, cuts=st.lists(st.integers(0, 10_000)))
def test_frames_are_the_same_however_the_stream_is_cut(sent: list[Frame], cuts: list[int]) -> None:
    stream = b"".join(frame(*each) for each in sent)
    parser = FrameParser(LIMIT)
    received = [each for piece in pieces(stream, cuts) for each in parser.feed(piece)]
    assert (received, parser.pending) == (sent, False)


@settings(deadline=None)
@given(sent=frames.filter(bool))
def test_frames_are_the_same_at_each_single_cut(sent: list[Frame]) -> None:
    stream = b"".join(frame(*each) for each in sent[:2])
    for cut in range(len(stream) + 1):
        parser = FrameParser(LIMIT)
        assert parser.feed(stream[:cut]) + parser.feed(stream[cut:]) == sent[:2]
        assert not parser.pending


@settings(deadline=None)
@given(body=st.binary(max_size=50), missing=st.integers(1, 5))
def test_an_incomplete_frame_is_pending(body: bytes, missing: int) -> None:
    parser = FrameParser(LIMIT)
    assert parser.feed(frame(Code.GET_RESP, body)[:-missing]) == []
    assert parser.pending is (len(body) + 5 > missing)


@pytest.mark.parametrize("length", [0, LIMIT + 1, 0xFFFFFFFF])
def test_an_unbelievable_length_is_refused_before_the_body_comes(length: int) -> None:
    with pytest.raises(GarbledReply):
        FrameParser(LIMIT).feed(length.to_bytes(4, "big"))


def test_a_whole_frame_over_the_limit_is_refused() -> None:
    with pytest.raises(GarbledReply, match="4 bytes"):
        FrameParser(3).feed(frame(Code.GET_RESP, b"abc"))


def test_the_greatest_length_is_believed() -> None:
    assert FrameParser(3).feed(frame(Code.GET_RESP, b"ab")) == [Frame(Code.GET_RESP, b"ab")]


def body_of(recorded: Recorded) -> bytes:
    if recorded.kind is None:
        return b""
    return recorded.kind(**known(recorded.kind, recorded.fields)).SerializeToString()


def pieces(stream: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return (stream[start:end] for start, end in pairwise(edges))


def set_fields(message: Message) -> Iterator[tuple[str, Any]]:
    return ((field.name, value) for field, value in message.ListFields())


def plain(value: Any) -> Any:
    if isinstance(value, Message):
        return {name: plain(each) for name, each in set_fields(value)}
    return [plain(each) for each in value] if hasattr(value, "append") else value
