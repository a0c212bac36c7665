"""Deleted keys: tombstones, and what becomes of them."""

import asyncio

import pytest

from notification.riak import riak_pb2 as pb
from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.client import Client
from tests.riak_cluster_tests.conftest import REAP_SECONDS
from tests.riak_cluster_tests.expecting import until
from tests.riak_standin.ring import Key


async def gone(client: Client, key: str) -> None:
    """Wait until a key has neither values nor a tombstone."""

    async def absent() -> bool:
        return await client.get(key) == pb.RpbGetResp()

    await until(absent)


async def test_a_tombstone_is_forgotten_after_a_while(cluster: RiakCluster, client: Client) -> None:
    await client.put("k", b"v")
    await client.delete("k", (await client.get("k")).vclock)
    await gone(client, "k")  # a quorum has forgotten it; the last replica may do so later

    async def forgotten() -> bool:
        return not cluster._members.holding(Key(b"multi", b"b", b"k"))

    await until(forgotten)


async def test_a_key_may_be_deleted_again(client: Client) -> None:
    for _ in range(2):
        await client.put("k", b"v")
        await client.delete("k")
        await gone(client, "k")


async def test_a_delete_without_a_vclock_deletes_what_there_is(client: Client) -> None:
    await client.put("k", b"one")
    await client.put("k", b"two")
    await client.delete("k")
    assert await client.values("k") == []


async def test_a_tombstone_tells_its_vclock_only_if_asked(client: Client) -> None:
    await client.put("k", b"v")
    await client.delete("k")
    assert not (await client.get("k", deletedvclock=False)).HasField("vclock")


async def test_a_write_with_the_vclock_of_the_tombstone_is_clean(client: Client) -> None:
    await client.put("k", b"one")
    await client.delete("k")
    reply = await client.put("k", b"two", (await client.get("k")).vclock, return_head=True)
    assert len(reply.content) == 1


async def test_a_tombstone_beside_a_value_stays(cluster: RiakCluster, clients: list[Client]) -> None:
    vclock = (await clients[0].put("k", b"one", return_head=True)).vclock
    await asyncio.gather(clients[1].put("k", b"two", vclock), clients[2].delete("k", vclock))
    reply = await clients[0].get("k", r=3)
    assert sorted((content.value, content.deleted) for content in reply.content) == [(b"", True), (b"two", False)]
    assert cluster.siblings("b", "k") == [b"two"]


async def test_a_tombstone_is_kept_while_a_primary_is_away(cluster: RiakCluster, clients: list[Client]) -> None:
    await clients[0].put("k", b"v", w=3)
    cluster.part([[0, 1], [2]])
    await clients[0].delete("k")
    await asyncio.sleep(4 * REAP_SECONDS)  # nothing tells that something was not forgotten, but time
    assert (await clients[0].get("k")).HasField("vclock")


async def test_a_value_does_not_come_back_with_a_node_that_missed_the_delete(
    cluster: RiakCluster, clients: list[Client]
) -> None:
    await clients[0].put("k", b"v", w=3)
    cluster.part([[0, 1], [2]])
    await clients[0].delete("k")
    cluster.heal()
    await cluster.settled()
    await gone(clients[2], "k")
    assert cluster.siblings("b", "k") == []


async def test_a_write_from_a_vclock_of_a_forgotten_key_is_not_lost(client: Client) -> None:
    vclock = (await client.put("k", b"one", return_head=True)).vclock
    await client.delete("k")
    await gone(client, "k")
    await client.put("k", b"new")
    await client.put("k", b"stale", vclock)
    assert await client.values("k") == [b"new", b"stale"]


@pytest.mark.parametrize("node", range(3))
async def test_a_key_with_only_a_tombstone_counts_as_absent_for_conditions(clients: list[Client], node: int) -> None:
    await clients[0].put("k", b"one", w=3)
    await clients[0].delete("k", w=3)
    await clients[node].put("k", b"two", if_none_match=True)
    assert await clients[node].values("k") == [b"two"]
