"""Nodes that can't reach each other, or are dead."""

import asyncio
import socket

import pytest

from notification.riak import riak_pb2 as pb
from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.client import Client
from tests.riak_cluster_tests.expecting import says, until
from tests.riak_standin.members import Timing


async def own_values(cluster: RiakCluster, node: int) -> list[bytes]:
    """What the replica of `k` on one node holds, that node being on a side of its own."""
    async with Client(cluster.addresses[node]) as client:
        return await client.values("k", r=1, sloppy_quorum=False)


async def test_both_sides_take_writes_and_keep_both_after_healing(cluster: RiakCluster, clients: list[Client]) -> None:
    vclock = (await clients[0].put("k", b"before", w=3, return_head=True)).vclock
    cluster.part([[0], [1, 2]])
    await clients[0].put("k", b"left", vclock)
    await clients[1].put("k", b"right", vclock)
    cluster.heal()
    await cluster.settled()
    assert [await client.values("k") for client in clients] == [[b"left", b"right"]] * 3


async def test_a_side_does_not_see_what_the_other_writes(cluster: RiakCluster, clients: list[Client]) -> None:
    cluster.part([[0], [1, 2]])
    await clients[0].put("k", b"left")
    assert await clients[1].values("k", r=3) == []


async def test_after_healing_each_replica_is_where_it_belongs(cluster: RiakCluster, clients: list[Client]) -> None:
    cluster.part([[0], [1, 2]])
    await clients[0].put("k", b"v", w=3)
    cluster.heal()
    await cluster.settled()
    places = [vnode.place for node in cluster._members.nodes for vnode in node.vnodes.values() if vnode.objects]
    assert sorted(place.node for place in places) == [0, 1, 2]
    assert all(place.primary for place in places)


async def test_what_reaches_a_fallback_after_healing_is_handed_off_too() -> None:
    made = RiakCluster(bucket_types={"multi": {}}, timing=Timing(hop=0.05, handoff=0.0))
    async with made as cluster, Client(cluster.addresses[0]) as client:
        cluster.part([[0], [1, 2]])
        put = asyncio.create_task(client.put("k", b"v", w=3))
        await until(lambda: cluster.requests(0)["put"] == 1)
        cluster.heal()
        await put
        await cluster.settled()
        assert await own_values(cluster, 1) == [b"v"]


async def test_a_read_mends_a_replica_that_was_behind(cluster: RiakCluster, clients: list[Client]) -> None:
    await clients[0].put("k", b"v")
    cluster.kill(2, lose=True)
    cluster.start(2)
    await clients[0].get("k", r=3)
    await cluster.settled()
    cluster.part([[0], [1], [2]])
    assert await own_values(cluster, 2) == [b"v"]


async def test_strict_quorums_fail_with_how_many_primaries_there_are(
    cluster: RiakCluster, clients: list[Client]
) -> None:
    cluster.part([[0, 1], [2]])
    with says("{pw_val_unsatisfied,3,2}"):
        await clients[0].put("k", b"v", pw=3)
    with says("{pr_val_unsatisfied,2,1}"):
        await clients[2].get("k", pr=2)


async def test_without_sloppy_quorum_fallbacks_do_not_count(cluster: RiakCluster, clients: list[Client]) -> None:
    cluster.part([[0], [1, 2]])
    with says("{insufficient_vnodes,1,need,2}"):
        await clients[0].put("k", b"v", sloppy_quorum=False)
    with says("{insufficient_vnodes,1,need,2}"):
        await clients[0].get("k", sloppy_quorum=False)


async def test_keys_are_not_listed_where_some_may_be_out_of_reach() -> None:
    async with RiakCluster(5, bucket_types={"multi": {}}) as cluster:
        cluster.part([[0], [1, 2, 3, 4]])
        async with Client(cluster.addresses[0]) as client:
            with says("insufficient_vnodes_available"):
                await client.ask(17, pb.RpbListKeysReq(bucket=b"b", type=b"multi"))


async def test_a_partition_in_the_middle_of_a_put_leaves_it_without_an_answer() -> None:
    made = RiakCluster(3, bucket_types={"multi": {}}, timing=Timing(hop=0.2, request=0.5))
    async with made as cluster, Client(cluster.addresses[0]) as client:
        put = asyncio.create_task(client.put("k", b"v", w=3))
        await until(lambda: bool(cluster.siblings("b", "k")))
        cluster.part([[0], [1, 2]])
        with says("timeout"):
            await put
        assert cluster.siblings("b", "k") == [b"v"]


async def test_sides_must_name_every_node_once(cluster: RiakCluster) -> None:
    with pytest.raises(ValueError, match="exactly one side"):
        cluster.part([[0], [1]])


async def test_a_killed_node_refuses_and_resets(cluster: RiakCluster, clients: list[Client]) -> None:
    cluster.kill(0)
    with pytest.raises(ConnectionResetError):
        await clients[0].reader.read()
    with pytest.raises(ConnectionRefusedError):
        await Client(cluster.addresses[0]).__aenter__()


@pytest.mark.parametrize("turns", range(6))
async def test_a_client_that_comes_while_a_node_is_killed_is_reset(cluster: RiakCluster, turns: int) -> None:
    host, _, port = cluster.addresses[0].partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as client:
        for _ in range(turns):
            await asyncio.sleep(0)
        cluster.kill(0)
        with pytest.raises(ConnectionResetError):
            await asyncio.to_thread(client.recv, 1)


async def test_a_killed_node_starts_on_its_port_with_its_data(cluster: RiakCluster, clients: list[Client]) -> None:
    await clients[0].put("k", b"v", w=3)
    addresses = cluster.addresses
    for node in range(3):
        cluster.kill(node)
    for node in range(3):
        cluster.start(node)
    assert cluster.addresses == addresses
    async with Client(addresses[0]) as client:
        assert await client.values("k") == [b"v"]


async def test_writes_go_on_without_a_killed_node_and_reach_it_later(
    cluster: RiakCluster, clients: list[Client]
) -> None:
    cluster.kill(2)
    await clients[0].put("k", b"v", w=3)
    cluster.start(2)
    await cluster.settled()
    cluster.part([[0], [1], [2]])
    assert await own_values(cluster, 2) == [b"v"]


async def test_a_node_that_lost_its_disk_starts_empty(cluster: RiakCluster, clients: list[Client]) -> None:
    await clients[0].put("k", b"v", w=3)
    cluster.kill(2, lose=True)
    cluster.part([[0, 1], [2]])
    cluster.start(2)
    assert await own_values(cluster, 2) == []


async def test_a_node_that_lost_its_disk_does_not_reuse_its_dots(cluster: RiakCluster, clients: list[Client]) -> None:
    await clients[2].put("k", b"one", w=3)
    cluster.kill(2, lose=True)
    cluster.start(2)
    async with Client(cluster.addresses[2]) as client:
        await client.put("k", b"two", w=3)
        assert await client.values("k", r=3) == [b"one", b"two"]


async def test_a_put_under_way_at_a_killed_node_may_have_been_applied_or_not() -> None:
    applied = set()
    for turns in range(40):
        async with RiakCluster(3, bucket_types={"multi": {}}, seed=turns) as cluster:
            applied.add(await _kill_during_put(cluster, turns))
    assert applied == {(), (b"v",)}


async def _kill_during_put(cluster: RiakCluster, turns: int) -> tuple[bytes, ...]:
    async with Client(cluster.addresses[0]) as client:
        put = asyncio.create_task(client.put("k", b"v"))
        for _ in range(turns):  # of the event loop: how far a put gets in them does not depend on the machine's load
            await asyncio.sleep(0)
        cluster.kill(0, lose=True)
        await asyncio.gather(put, return_exceptions=True)
        await cluster.settled()
        return tuple(cluster.siblings("b", "k"))
