"""No write reaches a bucket that would lose it, whichever nodes are down when, and Riak's gossip however slow."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from notification.domain.errors import StoreError, StoreMisconfigured, StoreUnavailable
from notification.riak.client import RiakClient
from notification.riak.errors import RiakUnavailable
from notification.riak.guard import BucketGuard
from notification.riak.messages import Code, Frame
from notification.riak.options import Options
from notification.riak.riak_pb2 import RpbBucketProps, RpbGetBucketReq
from notification.storage.riak_store import RiakStore
from tests.riak.conftest import Until
from tests.riak.scripted_node import Peer, ScriptedNode, answer, error, hang, only

QUICK = Options(request_timeout=1.0, deadline=10.0, first_pause=0.01, longest_pause=0.05)
SAFE = RpbBucketProps(n_val=3, allow_mult=True, last_write_wins=False)
UNTYPED = RpbBucketProps(n_val=3, allow_mult=False, last_write_wins=False)


@asynccontextmanager
async def store_on(nodes: Sequence[ScriptedNode], bucket_type: str = "") -> AsyncIterator[RiakStore]:
    store = RiakStore(RiakClient([node.name for node in nodes], options=QUICK), bucket_type=bucket_type)
    try:
        yield store
    finally:
        await store.close()


def asked(nodes: Sequence[ScriptedNode], code: Code) -> list[int]:
    return [node.asked[code] for node in nodes]


def set_everywhere(nodes: Sequence[ScriptedNode], name: bytes, properties: RpbBucketProps) -> None:
    for node in nodes:
        node.properties[name] = RpbBucketProps.FromString(properties.SerializeToString())


async def test_a_bucket_type_is_read_and_never_set(nodes: list[ScriptedNode]) -> None:
    async with store_on(nodes, "notifications") as store:
        assert await store.start(["feeds", "rules"]) == ()
    assert asked(nodes, Code.GET_BUCKET_TYPE_REQ) == [2, 2, 2]
    assert asked(nodes, Code.SET_BUCKET_REQ) == [0, 0, 0]


FLAWS = {
    "allow_mult": RpbBucketProps(allow_mult=False),
    "last_write_wins": RpbBucketProps(allow_mult=True, last_write_wins=True),
    "consistent": RpbBucketProps(allow_mult=True, consistent=True),
    "write_once": RpbBucketProps(allow_mult=True, write_once=True),
}
REMEDIES = {
    "allow_mult": """riak admin bucket-type update notifications '{"props":{"allow_mult":true}}'""",
    "last_write_wins": """riak admin bucket-type update notifications '{"props":{"last_write_wins":false}}'""",
    "consistent": """riak admin bucket-type create <another name> '{"props":{"allow_mult":true}}'""",
    "write_once": """riak admin bucket-type create <another name> '{"props":{"allow_mult":true}}'""",
}


@pytest.mark.parametrize("flaw", FLAWS)
async def test_a_bucket_type_that_loses_writes_is_refused_with_what_mends_it(
    nodes: list[ScriptedNode], flaw: str
) -> None:
    nodes[2].properties[b"notifications"] = FLAWS[flaw]
    async with store_on(nodes, "notifications") as store:
        with pytest.raises(StoreMisconfigured) as raised:
            await store.start(["feeds"])
    assert flaw in str(raised.value)
    assert REMEDIES[flaw] in str(raised.value)


async def test_a_bucket_that_loses_writes_in_spite_of_its_type_is_refused(nodes: list[ScriptedNode]) -> None:
    nodes[1].properties[b"feeds"] = FLAWS["last_write_wins"]
    async with store_on(nodes, "notifications") as store:
        with pytest.raises(StoreMisconfigured, match="types/notifications/buckets/feeds/props"):
            await store.start(["feeds"])


async def test_a_bucket_type_that_is_not_there_is_refused_with_what_makes_it(nodes: list[ScriptedNode]) -> None:
    for node in nodes:
        node.script = only(Code.GET_BUCKET_TYPE_REQ, error('Invalid bucket type: <<"notifications">>'))
    async with store_on(nodes, "notifications") as store:
        with pytest.raises(StoreMisconfigured, match="activate notifications"):
            await store.start(["feeds"])


@pytest.mark.parametrize("name", ["", "default"])
async def test_without_a_bucket_type_siblings_are_switched_on(nodes: list[ScriptedNode], name: str) -> None:
    set_everywhere(nodes, b"feeds", UNTYPED)
    gossip(nodes, b"feeds", polls=3)
    async with store_on(nodes, name) as store:
        assert await store.start(["feeds"]) == ()
    assert sum(asked(nodes, Code.SET_BUCKET_REQ)) == 1
    assert all(node.properties[b"feeds"].allow_mult for node in nodes)


async def test_no_write_goes_out_before_every_node_has_heard(nodes: list[ScriptedNode], until: Until) -> None:
    set_everywhere(nodes, b"feeds", UNTYPED)
    async with store_on(nodes) as store:
        puts = [asyncio.ensure_future(store.put("feeds", str(number), b"v", None)) for number in range(50)]
        await until(lambda: min(asked(nodes, Code.GET_BUCKET_REQ)) > 2)
        assert asked(nodes, Code.PUT_REQ) == [0, 0, 0]
        set_everywhere(nodes, b"feeds", SAFE)
        await asyncio.gather(*puts)
    assert sum(asked(nodes, Code.PUT_REQ)) == 50


async def test_a_bucket_without_type_that_loses_writes_otherwise_is_refused(nodes: list[ScriptedNode]) -> None:
    nodes[0].properties[b"feeds"] = RpbBucketProps(allow_mult=False, last_write_wins=True)
    async with store_on(nodes) as store:
        with pytest.raises(StoreMisconfigured, match="8098/buckets/feeds/props"):
            await store.start(["feeds"])
    assert asked(nodes, Code.SET_BUCKET_REQ) == [0, 0, 0]


async def test_it_starts_with_nodes_down_and_names_them(nodes: list[ScriptedNode]) -> None:
    await nodes[0].stop()
    nodes[1].script = hang
    async with store_on(nodes, "notifications") as store:
        assert set(await store.start(["feeds"])) == {nodes[0].name, nodes[1].name}
        await store.put("feeds", "k", b"v", None)


async def test_a_node_that_was_down_is_not_used_before_it_has_heard(nodes: list[ScriptedNode], until: Until) -> None:
    set_everywhere(nodes, b"feeds", UNTYPED)
    gossip(nodes[:2], b"feeds", polls=1)
    await nodes[2].stop()
    async with store_on(nodes) as store:
        assert await store.start(["feeds"]) == (nodes[2].name,)
        await nodes[2].start()
        await until(lambda: nodes[2].asked[Code.GET_BUCKET_REQ] > 2)
        await asyncio.gather(*(store.put("feeds", str(number), b"v", None) for number in range(30)))
        assert "allow_mult=false" in ((await store.health())[nodes[2].name] or "")
        assert nodes[2].asked[Code.PUT_REQ] == 0
        set_everywhere(nodes, b"feeds", SAFE)
        await until(lambda: not store._client.down_reason(nodes[2].name))
        await asyncio.gather(*(store.put("feeds", str(number), b"v", None) for number in range(30)))
        assert nodes[2].asked[Code.PUT_REQ] > 0


async def test_a_node_on_its_way_back_is_asked_about_a_bucket_that_comes_into_use_meanwhile(
    nodes: list[ScriptedNode], until: Until
) -> None:
    gate, asked_about = asyncio.Event(), Counter[bytes]()

    async def slow_to_tell(request: Frame, peer: Peer) -> None:
        bucket = RpbGetBucketReq.FromString(request.body).bucket if request.code == Code.GET_BUCKET_REQ else b""
        asked_about[bucket] += 1
        if bucket == b"feeds":
            await gate.wait()
        dodges = bucket == b"rules" and asked_about[bucket] == 1
        await (error("overload") if dodges else answer)(request, peer)

    nodes[0].properties[b"rules"] = FLAWS["last_write_wins"]
    client = RiakClient([node.name for node in nodes], options=replace(QUICK, request_timeout=10.0))
    store = RiakStore(client, bucket_type="notifications")
    await store.start(["feeds"])
    await nodes[0].stop()
    await asyncio.gather(*(store.fetch("feeds", str(number)) for number in range(6)))
    nodes[0].script = slow_to_tell
    await nodes[0].start()
    await until(lambda: asked_about[b"feeds"])
    await store.fetch("rules", "rules")
    gate.set()
    await until(lambda: "last_write_wins=true" in (client.down_reason(nodes[0].name) or ""))
    await store.close()


async def test_it_starts_with_all_nodes_down_and_recovers(nodes: list[ScriptedNode]) -> None:
    set_everywhere(nodes, b"feeds", UNTYPED)
    gossip(nodes, b"feeds", polls=1)
    for node in nodes:
        await node.stop()
    async with store_on(nodes) as store:
        assert set(await store.start(["feeds"])) == {node.name for node in nodes}
        with pytest.raises(StoreUnavailable):
            await store.put("feeds", "k", b"v", None)
        for node in nodes:
            await node.start()
        assert (await store.put("feeds", "k", b"v", None)).siblings == 1


async def test_a_riak_that_comes_up_misconfigured_is_never_written_to(nodes: list[ScriptedNode]) -> None:
    set_everywhere(nodes, b"notifications", FLAWS["allow_mult"])
    for node in nodes:
        await node.stop()
    async with store_on(nodes, "notifications") as store:
        await store.start(["feeds"])
        for node in nodes:
            await node.start()
        for _ in range(3):
            with pytest.raises(StoreMisconfigured, match="allow_mult=false"):
                await store.put("feeds", "k", b"v", None)
    assert asked(nodes, Code.PUT_REQ) == [0, 0, 0]


async def test_a_bucket_that_is_refused_keeps_no_node_from_the_others(nodes: list[ScriptedNode], until: Until) -> None:
    set_everywhere(nodes, b"rules", FLAWS["last_write_wins"])
    async with store_on(nodes[:1], "notifications") as store:
        with pytest.raises(StoreMisconfigured):
            await store.start(["feeds", "rules"])
        await nodes[0].stop()
        request = asyncio.ensure_future(store.put("feeds", "k", b"v", None))
        await until(lambda: store._client.down_reason(nodes[0].name))
        await nodes[0].start()
        assert (await request).siblings == 1


async def test_many_first_requests_share_one_check(nodes: list[ScriptedNode]) -> None:
    async with store_on(nodes, "notifications") as store:
        await asyncio.gather(*(store.fetch("feeds", str(number)) for number in range(100)))
    assert asked(nodes, Code.GET_BUCKET_REQ) == [1, 1, 1]


async def test_who_gives_up_takes_the_check_from_nobody(nodes: list[ScriptedNode], until: Until) -> None:
    set_everywhere(nodes, b"feeds", UNTYPED)
    async with store_on(nodes) as store:
        impatient, patient = (asyncio.ensure_future(store.fetch("feeds", key)) for key in "ab")
        await until(lambda: sum(asked(nodes, Code.GET_BUCKET_REQ)) > 3)
        impatient.cancel()
        set_everywhere(nodes, b"feeds", SAFE)
        assert await patient is not None


async def test_a_node_that_never_hears_keeps_the_bucket_from_use(nodes: list[ScriptedNode]) -> None:
    set_everywhere(nodes, b"feeds", UNTYPED)
    client = RiakClient([node.name for node in nodes], options=QUICK)
    guard = BucketGuard(client, "", gossip_timeout=0.3)
    assert await guard.start(["feeds"]) == ()
    with pytest.raises(RiakUnavailable, match="does not report allow_mult=true for feeds yet"):
        await guard.ready("feeds")
    await client.close()


async def test_a_request_waits_for_a_check_no_longer_than_its_deadline(nodes: list[ScriptedNode]) -> None:
    set_everywhere(nodes, b"feeds", UNTYPED)
    client = RiakClient([node.name for node in nodes], options=replace(QUICK, deadline=0.1))
    guard = BucketGuard(client, "")
    with pytest.raises(RiakUnavailable, match="still being checked"):
        await guard.ready("feeds")
    await guard.close()
    await client.close()


async def test_a_check_that_riak_forbids_is_not_taken_for_a_pass(nodes: list[ScriptedNode]) -> None:
    nodes[0].script = only(
        Code.GET_BUCKET_REQ, error("Permission denied: User 'x' does not have 'riak_core.get_bucket'")
    )
    async with store_on(nodes, "notifications") as store:
        with pytest.raises(StoreError, match="Permission denied"):
            await store.start(["feeds"])
        with pytest.raises(StoreError, match="Permission denied"):
            await store.put("feeds", "k", b"v", None)
    assert asked(nodes, Code.PUT_REQ) == [0, 0, 0]


async def test_closing_ends_a_check(nodes: list[ScriptedNode], until: Until) -> None:
    set_everywhere(nodes, b"feeds", UNTYPED)
    async with store_on(nodes) as store:
        request = asyncio.ensure_future(store.fetch("feeds", "k"))
        await until(lambda: sum(asked(nodes, Code.GET_BUCKET_REQ)) > 6)
        await store.close()
        with pytest.raises(StoreUnavailable, match="closed"):
            await request


def gossip(nodes: Sequence[ScriptedNode], bucket: bytes, polls: int) -> None:
    """What one node is told, each other one knows once it was asked so many times."""

    async def script(request: Frame, peer: Peer) -> None:
        told = any(node.properties[bucket].allow_mult for node in nodes)
        if told and peer.node.asked[Code.GET_BUCKET_REQ] > polls:
            peer.node.properties[bucket].allow_mult = True
        await answer(request, peer)

    for node in nodes:
        node.script = script
