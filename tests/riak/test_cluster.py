"""Several nodes as one: who is asked, what is tried again, what is final, and when to stop hoping."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from notification.riak.client import RiakClient
from notification.riak.errors import RiakErrorResponse, RiakUnavailable
from notification.riak.messages import Code, Frame, frame
from notification.riak.options import Options
from tests.riak.conftest import Until
from tests.riak.scripted_node import Peer, Script, ScriptedNode, answer, cut, error, hang, raw, value_of

QUICK = Options(request_timeout=1.0, deadline=10.0, first_pause=0.01, longest_pause=0.05)


@asynccontextmanager
async def client_of(nodes: Sequence[ScriptedNode], **limits: Any) -> AsyncIterator[RiakClient]:
    client = RiakClient([node.name for node in nodes], options=replace(QUICK, **limits))
    try:
        yield client
    finally:
        await client.close()


async def value(client: RiakClient, key: bytes = b"k") -> bytes:
    return (await client.get(b"b", key)).siblings[0].value


def gets(node: ScriptedNode) -> int:
    return node.asked[Code.GET_REQ]


async def test_requests_spread_over_the_nodes(nodes: list[ScriptedNode]) -> None:
    async with client_of(nodes) as client:
        await asyncio.gather(*(value(client) for _ in range(300)))
    assert all(70 <= gets(node) <= 130 for node in nodes)


async def test_the_least_busy_node_is_asked(nodes: list[ScriptedNode], until: Until) -> None:
    nodes[0].script = nodes[1].script = hang
    async with client_of(nodes, request_timeout=5.0) as client:
        stuck = [asyncio.ensure_future(value(client)) for _ in range(8)]
        await until(lambda: sum(map(gets, nodes)) == 8 and sum(request.done() for request in stuck) == gets(nodes[2]))
        before = gets(nodes[2])
        for _ in range(10):
            await value(client)
        assert gets(nodes[2]) == before + 10
        nodes[0].script = nodes[1].script = answer
        for request in stuck:
            request.cancel()
        await asyncio.wait(stuck)


FAULTS: dict[str, Script] = {
    "it hangs": hang,
    "it cuts": cut,
    "it talks garbage": raw(b"\0\0\0\0\0"),
    "it answers something else": raw(frame(Code.PUT_RESP)),
    "it is starting": error("Unknown message code: 9"),
    "it is overloaded": error("overload"),
    "its replicas are slow": error("timeout"),
    "it knows no other node": error("all_nodes_down"),
    "it is cut off": error("{insufficient_vnodes,1,need,2}"),
    "its primaries are missing": error("{pr_val_unsatisfied,3,1}"),
    "it crashes": error("Error processing incoming message: error:badarg:[]"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_another_node_answers_where_one_fails(nodes: list[ScriptedNode], fault: Script) -> None:
    nodes[0].script = nodes[1].script = fault
    async with client_of(nodes) as client:
        assert [await value(client) for _ in range(20)] == [value_of(b"b", b"k")] * 20


async def test_another_node_answers_where_nobody_listens(nodes: list[ScriptedNode]) -> None:
    await nodes[0].stop()
    async with client_of(nodes) as client:
        assert [await value(client) for _ in range(20)] == [value_of(b"b", b"k")] * 20


@pytest.mark.parametrize("fault", [hang, cut, error("Unknown message code: 9")], ids=["hangs", "cuts", "is starting"])
async def test_a_node_that_is_out_gets_probes_and_no_requests(
    nodes: list[ScriptedNode], fault: Script, until: Until
) -> None:
    nodes[0].script = fault
    async with client_of(nodes, first_pause=60.0, longest_pause=60.0) as client:
        await asyncio.gather(*(value(client) for _ in range(6)))
        await until(lambda: client.down_reason(nodes[0].name))
        asked = nodes[0].asked.total()
        for _ in range(100):
            await value(client)
        assert nodes[0].asked.total() - asked <= 1


async def test_a_node_comes_back_once_it_answers_a_probe(nodes: list[ScriptedNode], until: Until) -> None:
    nodes[0].script = error("Unknown message code: 9")
    async with client_of(nodes) as client:
        await asyncio.gather(*(value(client) for _ in range(6)))
        await until(lambda: gets(nodes[0]) > 5)
        nodes[0].script = answer
        await until(lambda: client.down_reason(nodes[0].name) is None)


async def test_an_answer_about_the_cluster_does_not_take_the_node_out(nodes: list[ScriptedNode]) -> None:
    nodes[0].script = error("{pw_val_unsatisfied,3,1}")
    async with client_of(nodes) as client:
        for _ in range(20):
            await value(client)
        assert client.down_reason(nodes[0].name) is None


async def test_what_another_node_would_not_mend_is_final(nodes: list[ScriptedNode]) -> None:
    for node in nodes:
        node.script = error("no_type")
    async with client_of(nodes) as client:
        with pytest.raises(RiakErrorResponse, match="no_type"):
            await value(client)
    assert sum(map(gets, nodes)) == 1


async def test_an_unlisted_error_is_final_once_every_node_says_it(nodes: list[ScriptedNode]) -> None:
    for node in nodes:
        node.script = error("{precommit_fail,no}")
    async with client_of(nodes) as client:
        with pytest.raises(RiakErrorResponse, match="precommit_fail"):
            await value(client)
    assert [gets(node) for node in nodes] == [1, 1, 1]


async def test_an_unlisted_error_is_final_once_every_node_that_is_up_says_it(nodes: list[ScriptedNode]) -> None:
    await nodes[0].stop()
    nodes[1].script = nodes[2].script = error("{precommit_fail,no}")
    async with client_of(nodes) as client:
        with pytest.raises(RiakErrorResponse, match="precommit_fail"):
            await value(client)


async def test_a_request_waits_for_the_first_node_that_comes_back(nodes: list[ScriptedNode], until: Until) -> None:
    for node in nodes:
        await node.stop()
    async with client_of(nodes) as client:
        request = asyncio.ensure_future(value(client))
        await until(lambda: all(client.down_reason(node.name) for node in nodes))
        await nodes[1].start()
        assert await request == value_of(b"b", b"k")


async def test_a_quorum_that_is_missing_for_a_moment_is_waited_for(nodes: list[ScriptedNode], until: Until) -> None:
    for node in nodes:
        node.script = error("{pr_val_unsatisfied,3,1}")
    async with client_of(nodes) as client:
        request = asyncio.ensure_future(value(client))
        await until(lambda: sum(map(gets, nodes)) > 6)
        for node in nodes:
            node.script = answer
        assert await request == value_of(b"b", b"k")


@pytest.mark.parametrize("fault", [hang, cut, error("{pr_val_unsatisfied,3,1}")], ids=["hang", "cut", "no quorum"])
async def test_where_no_node_is_of_use_the_deadline_ends_it_and_says_why(
    nodes: list[ScriptedNode], fault: Script
) -> None:
    for node in nodes:
        node.script = fault
    async with client_of(nodes, request_timeout=0.1, deadline=0.5) as client:
        with pytest.raises(RiakUnavailable) as raised:
            await value(client)
    assert raised.value.reasons.keys() == {node.name for node in nodes}


async def test_after_a_long_outage_a_request_waits_for_the_probe_that_finds_a_node(nodes: list[ScriptedNode]) -> None:
    async with client_of(nodes, deadline=1.5) as client:
        for node in nodes:
            await node.stop()
        for _ in range(2):
            with pytest.raises(RiakUnavailable):
                await value(client)
        waiting = asyncio.ensure_future(value(client))
        await nodes[2].start()
        assert await waiting == value_of(b"b", b"k")


async def test_it_recovers_from_an_outage_of_all_nodes(nodes: list[ScriptedNode], until: Until) -> None:
    async with client_of(nodes, deadline=0.3) as client:
        await value(client)
        for node in nodes:
            await node.stop()
        with pytest.raises(RiakUnavailable):
            await value(client)
        for node in nodes:
            await node.start()
        await until(lambda: not any(client.down_reason(node.name) for node in nodes))
        assert await value(client) == value_of(b"b", b"k")


async def test_connections_that_a_restart_closed_are_no_failure(nodes: list[ScriptedNode]) -> None:
    async with client_of(nodes[:1], first_pause=60.0, longest_pause=60.0) as client:
        await asyncio.gather(*(value(client) for _ in range(10)))
        nodes[0].script = once_per_connection(answer, cut)
        assert await value(client) == value_of(b"b", b"k")
        assert client.down_reason(nodes[0].name) is None


async def test_who_waits_for_a_connection_goes_elsewhere_when_its_node_goes_out(nodes: list[ScriptedNode]) -> None:
    nodes[0].script = hang
    async with client_of(nodes, pool_size=2, first_pause=60.0, longest_pause=60.0) as client:
        values = await asyncio.gather(*(value(client) for _ in range(60)))
    assert values == [value_of(b"b", b"k")] * 60
    assert gets(nodes[0]) <= 2 + 1  # a pool's worth, and a probe


async def test_a_node_admits_no_request_before_it_is_admitted(nodes: list[ScriptedNode], until: Until) -> None:
    checked: list[str] = []

    async def refuse(name: str) -> None:
        checked.append(name)
        raise RiakErrorResponse("not yet")

    async with client_of(nodes) as client:
        client.set_admission(refuse)
        nodes[0].script = cut
        await asyncio.gather(*(value(client) for _ in range(6)))
        nodes[0].script = answer
        await until(lambda: len(checked) > 2)
        assert (set(checked), client.down_reason(nodes[0].name)) == ({nodes[0].name}, "not yet")


async def test_closing_lets_requests_end(node: ScriptedNode, until: Until) -> None:
    gate = asyncio.Event()

    async def wait(request: Frame, peer: Peer) -> None:
        await gate.wait()
        await answer(request, peer)

    node.script = wait
    async with client_of([node], request_timeout=5.0) as client:
        request = asyncio.ensure_future(value(client))
        await until(lambda: gets(node))
        closing = asyncio.ensure_future(client.close())
        await asyncio.sleep(0)
        gate.set()
        await closing
        assert await request == value_of(b"b", b"k")
        with pytest.raises(RiakUnavailable, match="closed"):
            await value(client)


async def test_closing_does_not_wait_for_a_node_to_come_back(node: ScriptedNode, until: Until) -> None:
    await node.stop()
    async with client_of([node], deadline=600.0, first_pause=600.0, longest_pause=600.0) as client:
        request = asyncio.ensure_future(value(client))
        await until(lambda: client.down_reason(node.name))
        await client.close()
        with pytest.raises(RiakUnavailable, match=r"refused|Connect"):
            await request


def test_a_client_of_no_nodes_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        RiakClient([])


def once_per_connection(first: Script, then: Script) -> Script:
    async def script(request: Frame, peer: Peer) -> None:
        chosen = then if peer.requests else first
        await chosen(request, peer)

    return script


async def test_a_deadline_that_passes_during_an_attempt_leaves_the_node_in_use(node: ScriptedNode) -> None:
    node.script = hang
    async with client_of([node], request_timeout=5.0, deadline=0.05) as client:
        with pytest.raises(RiakUnavailable) as raised:
            await value(client)
        assert (raised.value.sent, client.down_reason(node.name)) == (True, None)
        node.script = answer
        assert await value(client) == value_of(b"b", b"k")
    assert node.accepted == 2


async def test_a_deadline_that_passes_during_the_wait_for_a_connection_ends_the_request(node: ScriptedNode) -> None:
    node.script = hang
    async with client_of([node], request_timeout=5.0, deadline=0.2, pool_size=1) as client:
        outcomes = await asyncio.gather(*(value(client, b"%d" % n) for n in range(5)), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {RiakUnavailable}
        assert client.down_reason(node.name) is None
