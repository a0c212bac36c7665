"""What replicas keep, and what a reply promises."""

import asyncio
from typing import Any

import pytest

from notification.riak import riak_pb2 as pb
from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.client import Client, ReplyError
from tests.riak_cluster_tests.expecting import says, until
from tests.riak_standin.members import Timing
from tests.riak_standin.properties import ALL, DEFAULT, ONE, QUORUM
from tests.riak_standin.ring import Key


def replicas(cluster: RiakCluster, key: str) -> list[object]:
    """What each replica has of a key, of those that have something."""
    return list(cluster._members.holding(Key(b"multi", b"b", key.encode())))


async def test_concurrent_writes_through_different_nodes_are_siblings(clients: list[Client]) -> None:
    await asyncio.gather(*(client.put("k", b"%d" % number) for number, client in enumerate(clients)))
    assert await clients[0].values("k") == [b"0", b"1", b"2"]


async def test_a_write_with_the_vclock_of_all_siblings_replaces_them(clients: list[Client]) -> None:
    await asyncio.gather(*(client.put("k", b"%d" % number) for number, client in enumerate(clients)))
    await clients[1].put("k", b"merged", (await clients[2].get("k")).vclock)
    assert await clients[0].values("k") == [b"merged"]


@pytest.mark.parametrize("quorum", [{"w": 3}, {"w": 1, "dw": 3}, {"w": 1, "dw": 1, "pw": 3}])
async def test_an_acknowledged_write_is_on_as_many_replicas_as_was_asked_for(quorum: dict[str, Any]) -> None:
    made = RiakCluster(bucket_types={"multi": {}}, timing=Timing(hop=0.01))
    async with made as cluster, Client(cluster.addresses[0]) as client:
        for number in range(5):
            await client.put(f"k{number}", b"v", **quorum)
            assert len(replicas(cluster, f"k{number}")) == 3


@pytest.mark.parametrize("quorum", [{"r": 3}, {"r": 1, "pr": 3}])
async def test_a_get_hears_as_many_replicas_as_was_asked_for(
    cluster: RiakCluster, clients: list[Client], quorum: dict[str, Any]
) -> None:
    cluster.part([[0], [1, 2]])
    for number in range(20):
        await clients[0].put(f"k{number}", b"v", w=1, dw=1, sloppy_quorum=False)
    cluster.heal()
    for number in range(20):
        assert await clients[1].values(f"k{number}", **quorum) == [b"v"]


async def test_what_a_client_asked_for_is_done_though_it_has_gone() -> None:
    made = RiakCluster(bucket_types={"multi": {}}, timing=Timing(hop=0.05))
    async with made as cluster:
        async with Client(cluster.addresses[0]) as client:
            put = asyncio.create_task(client.put("k", b"v"))
            await until(lambda: cluster.requests(0)["put"] == 1)
            put.cancel()
        await until(lambda: len(replicas(cluster, "k")) == 3)


async def test_what_a_quorum_acknowledged_a_quorum_reads(clients: list[Client]) -> None:
    for number in range(50):
        await clients[number % 3].put(f"k{number}", b"v")
        assert await clients[(number + 1) % 3].values(f"k{number}") == [b"v"]


async def test_return_body_tells_the_siblings_and_a_vclock_that_covers_them(client: Client) -> None:
    await client.put("k", b"one")
    reply = await client.put("k", b"two", return_body=True)
    assert sorted(content.value for content in reply.content) == [b"one", b"two"]
    await client.put("k", b"merged", reply.vclock)
    assert await client.values("k") == [b"merged"]


async def test_a_put_without_a_key_is_given_one(client: Client) -> None:
    reply = await client.ask(11, pb.RpbPutReq(bucket=b"b", type=b"multi", content=pb.RpbContent(value=b"v")))
    assert await client.values(reply.key.decode()) == [b"v"]


async def test_keys_are_listed_in_several_messages(client: Client) -> None:
    wanted = {b"k%d" % number for number in range(150)}
    for key in wanted:
        await client.put(key.decode(), b"v", w=3)
    request = pb.RpbListKeysReq(bucket=b"b", type=b"multi").SerializeToString()
    code, body = await client.exchange((len(request) + 1).to_bytes(4, "big") + b"\x11" + request)
    parts = [pb.RpbListKeysResp.FromString(body)]
    while not parts[-1].done:
        code, body = await client.receive()
        parts.append(pb.RpbListKeysResp.FromString(body))
    assert code == 18
    assert {key for part in parts for key in part.keys} == wanted
    assert len(parts) == 3


async def test_if_not_modified_needs_a_value(client: Client) -> None:
    with says("notfound"):
        await client.put("k", b"v", if_not_modified=True)


async def test_if_not_modified_passes_with_the_latest_vclock(client: Client) -> None:
    vclock = (await client.put("k", b"one", return_head=True)).vclock
    await client.put("k", b"two", vclock, if_not_modified=True)
    assert await client.values("k") == [b"two"]


@pytest.mark.parametrize("quorum", [1, 2, 3, ONE, QUORUM, ALL, DEFAULT])
async def test_a_quorum_may_be_a_number_or_a_symbol(client: Client, quorum: int) -> None:
    await client.put("k", b"v", w=3)
    assert len((await client.put("k", b"v", w=quorum, dw=quorum, pw=quorum, return_head=True)).content) == 2
    assert await client.values("k", r=quorum, pr=quorum)


@pytest.mark.parametrize("name", ["w", "dw", "pw"])
async def test_a_write_quorum_larger_than_n_val_is_an_error(client: Client, name: str) -> None:
    too_many: dict[str, Any] = {name: 4}
    with says("{n_val_violation,3}"):
        await client.put("k", b"v", **too_many)


async def test_a_get_without_notfound_ok_waits_for_a_value(cluster: RiakCluster, clients: list[Client]) -> None:
    cluster.part([[0], [1, 2]])
    await clients[0].put("k", b"v")
    cluster.heal()
    assert await clients[1].values("k", r=1, notfound_ok=False) == [b"v"]


async def test_a_get_without_notfound_ok_of_nothing_is_not_found(client: Client) -> None:
    assert await client.get("k", notfound_ok=False, basic_quorum=True) == pb.RpbGetResp()


async def test_without_allow_mult_the_last_write_is_all_that_stays(clients: list[Client]) -> None:
    for number, client in enumerate(clients):
        await client.put("k", b"%d" % number, type=b"single")
    assert await clients[0].values("k", type=b"single") == [b"2"]


async def test_with_last_write_wins_the_last_write_is_all_that_stays(clients: list[Client]) -> None:
    for number, client in enumerate(clients):
        await client.put("k", b"%d" % number, type=b"last")
    assert await clients[0].values("k", type=b"last") == [b"2"]


async def test_plain_vector_clocks_keep_also_what_a_stale_writer_had_read() -> None:
    async with RiakCluster(1) as one, Client(one.addresses[0]) as client:
        await client.ask(21, pb.RpbSetBucketReq(bucket=b"b", props=pb.RpbBucketProps(allow_mult=True)))
        vclock = (await client.put("k", b"read", type=None, return_head=True)).vclock
        await client.put("k", b"unread", type=None)
        await client.put("k", b"new", vclock, type=None)
        assert await client.values("k", type=None) == [b"new", b"read", b"unread"]


async def test_dotted_version_vectors_drop_what_a_stale_writer_had_read(client: Client) -> None:
    vclock = (await client.put("k", b"read", return_head=True)).vclock
    await client.put("k", b"unread")
    await client.put("k", b"new", vclock)
    assert await client.values("k") == [b"new", b"unread"]


async def test_a_request_that_takes_too_long_is_answered_with_timeout() -> None:
    async with RiakCluster(timing=Timing(hop=30)) as cluster, Client(cluster.addresses[0]) as client:
        with says("timeout"):
            await client.get("k", type=None, timeout=20)
        with says("timeout"):
            await client.ask(17, pb.RpbListKeysReq(bucket=b"b", timeout=20))


async def test_a_vclock_that_no_node_gave_out_is_an_error_and_closes_the_connection(client: Client) -> None:
    with pytest.raises(ReplyError, match="Error processing incoming message"):
        await client.put("k", b"v", b"made up")
    assert await client.reader.read() == b""


async def test_a_frame_without_a_code_closes_the_connection(client: Client) -> None:
    client.writer.write(bytes(4))
    assert await client.reader.read() == b""


async def test_a_cluster_of_five_keeps_three_replicas() -> None:
    async with RiakCluster(5, bucket_types={"multi": {}}) as five:
        for number, address in enumerate(five.addresses):
            async with Client(address) as client:
                await client.put("k", b"%d" % number, w=3)
        assert five.siblings("b", "k") == [b"%d" % number for number in range(5)]
        assert len(replicas(five, "k")) == 3


async def test_a_cluster_of_one_keeps_all_replicas_itself() -> None:
    async with RiakCluster(1, bucket_types={"multi": {}}) as one, Client(one.addresses[0]) as client:
        await client.put("k", b"v", w=3, pw=3)
        assert await client.values("k", r=3) == [b"v"]
