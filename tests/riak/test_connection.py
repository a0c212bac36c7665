"""One connection: one reply per request, and no further request after anything else."""

import asyncio

import pytest

from notification.riak.connection import Connection
from notification.riak.dial import dialer
from notification.riak.errors import Disconnected, GarbledReply, NodeUnavailable, RiakErrorResponse
from notification.riak.messages import Call, Code, frame, ignore_body, make_call
from notification.riak.options import Address, Options
from tests.riak.conftest import Until
from tests.riak.scripted_node import Script, ScriptedNode, after, answer, cut, cut_after, error, hang, raw

PING = make_call(Code.PING_REQ, None, Code.PING_RESP, ignore_body)
PONG = frame(Code.PING_RESP)


async def opened(node: ScriptedNode, **options: int) -> Connection:
    return await dialer(Address("127.0.0.1", node.port), Options(**options))()


async def test_requests_follow_each_other_on_one_connection(node: ScriptedNode) -> None:
    connection = await opened(node)
    for _ in range(3):
        await connection.request(PING)
    assert (node.accepted, node.asked[Code.PING_REQ], connection.usable) == (1, 3, True)
    connection.abort()


async def test_a_streamed_reply_is_read_to_its_end(node: ScriptedNode) -> None:
    node.script = raw(frame(2, b"one ") + frame(2, b"two ") + frame(2, b"end"))
    connection = await opened(node)
    stream = Call(frame(1), Code.PING_RESP, read=bytes, last=lambda body: body == b"end")
    assert await connection.request(stream) == b"one two end"
    assert connection.usable
    connection.abort()


@pytest.mark.parametrize("text", ["overload", "{n_val_violation,3}", "{insufficient_vnodes,1,need,2}"])
async def test_it_is_still_good_after_an_error_that_riak_is_known_to_send(node: ScriptedNode, text: str) -> None:
    node.script = error(text)
    connection = await opened(node)
    with pytest.raises(RiakErrorResponse, match=text.strip("{}")):
        await connection.request(PING)
    assert connection.usable
    connection.abort()


async def test_it_is_given_up_after_an_error_nobody_has_listed(node: ScriptedNode) -> None:
    node.script = error("Error processing incoming message: error:{gpb_error,[]}")
    connection = await opened(node)
    with pytest.raises(RiakErrorResponse):
        await connection.request(PING)
    assert not connection.usable


@pytest.mark.parametrize("script", [cut, cut_after(0), cut_after(3), cut_after(-1)])
async def test_a_cut_connection_says_so(node: ScriptedNode, script: Script) -> None:
    node.script = script
    connection = await opened(node)
    with pytest.raises(Disconnected):
        await connection.request(PING)
    assert not connection.usable


GARBAGE = {
    "another reply's code": frame(Code.PUT_RESP),
    "no length": b"\0\0\0\0\0",
    "an enormous length": b"\xff\xff\xff\xff\0",
    "an error that does not decode": frame(Code.ERROR_RESP, b"\x0a\xff"),
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_ends_the_connection(node: ScriptedNode, data: bytes) -> None:
    node.script = raw(data)
    connection = await opened(node)
    with pytest.raises(GarbledReply):
        await connection.request(PING)
    assert not connection.usable


async def test_a_reply_over_the_limit_ends_the_connection(node: ScriptedNode) -> None:
    node.script = raw(frame(Code.PING_RESP, bytes(100)))
    connection = await opened(node, max_frame=100)
    with pytest.raises(GarbledReply, match="101 bytes"):
        await connection.request(PING)


@pytest.mark.parametrize("surplus", [PONG, PONG[:2]], ids=["a second reply", "part of one"])
async def test_what_follows_a_reply_unasked_ends_the_connection(node: ScriptedNode, surplus: bytes) -> None:
    node.script = raw(PONG + surplus)
    connection = await opened(node)
    await connection.request(PING)
    assert not connection.usable


async def test_what_comes_between_requests_ends_the_connection(node: ScriptedNode, until: Until) -> None:
    connection = await opened(node)
    await connection.request(PING)
    (peer,) = node.peers
    peer.send(Code.PING_RESP)
    await until(lambda: not connection.usable)


async def test_a_cancelled_request_ends_the_connection_and_its_late_reply_reaches_nobody(
    node: ScriptedNode, until: Until
) -> None:
    node.script = after(0.05, answer)
    connection = await opened(node)
    request = asyncio.ensure_future(connection.request(PING))
    await until(lambda: node.asked[Code.PING_REQ])
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    with pytest.raises(Disconnected):
        await connection.request(PING)


@pytest.mark.parametrize("script", [hang, raw(PONG[:3])], ids=["nothing came", "part of a reply"])
async def test_a_request_that_is_given_up_ends_the_connection_and_says_why(
    node: ScriptedNode, script: Script, until: Until
) -> None:
    node.script = script
    connection = await opened(node)
    request = asyncio.ensure_future(connection.request(PING))
    await until(lambda: node.asked[Code.PING_REQ])
    connection.time_out(0.5)
    with pytest.raises(NodeUnavailable, match="no reply within") as raised:
        await request
    assert type(raised.value) is NodeUnavailable
    await connection.wait_closed()


async def test_two_requests_at_once_are_a_mistake_of_ours(node: ScriptedNode) -> None:
    node.script = hang
    connection = await opened(node)
    first = asyncio.ensure_future(connection.request(PING))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        await connection.request(PING)
    connection.abort()
    with pytest.raises(Disconnected):
        await first


async def test_nobody_listening_is_unavailable(node: ScriptedNode) -> None:
    await node.stop()
    with pytest.raises(NodeUnavailable, match=r"refused|Connect call failed"):
        await opened(node)


async def test_a_name_that_is_nowhere_is_unavailable() -> None:
    with pytest.raises(NodeUnavailable):
        await dialer(Address("nowhere.invalid", 8087), Options())()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("riak1", ("riak1", 8087)),
        ("riak1:18087", ("riak1", 18087)),
        ("[::1]:10017", ("::1", 10017)),
        ("[::1]", ("::1", 8087)),
    ],
)
def test_addresses_are_read(text: str, address: tuple[str, int]) -> None:
    assert Address.parse(text) == address


@pytest.mark.parametrize("text", ["", ":8087", "riak1:", "riak1:x", "riak1:0", "riak1:65536"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        Address.parse(text)


def test_a_name_that_no_host_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match="label"):
        Address.parse("riak..example:8087")


def test_an_address_is_shown_as_it_is_written() -> None:
    assert [str(Address.parse(text)) for text in ("riak1", "[::1]:10017")] == ["riak1:8087", "[::1]:10017"]
