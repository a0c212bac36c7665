"""Bucket properties as clients see and set them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from notification.riak import riak_pb2 as pb
from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.client import Client
from tests.riak_cluster_tests.expecting import says, until
from tests.riak_standin.members import Timing

ALLOW_MULT = pb.RpbBucketProps(allow_mult=True)


async def allow_mult(client: Client) -> bool:
    reply: pb.RpbGetBucketResp = await client.ask(19, pb.RpbGetBucketReq(bucket=b"b"))
    return reply.props.allow_mult


@asynccontextmanager
async def two_nodes(gossip: float) -> AsyncIterator[tuple[Client, Client]]:
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(RiakCluster(2, timing=Timing(gossip=gossip)))
        one, other = [await stack.enter_async_context(Client(address)) for address in cluster.addresses]
        yield one, other


async def heard(client: Client) -> None:
    await until(lambda: allow_mult(client))


async def test_properties_reach_the_other_nodes_later() -> None:
    async with two_nodes(gossip=0.5) as (one, other):
        await one.ask(21, pb.RpbSetBucketReq(bucket=b"b", props=ALLOW_MULT))
        assert (await allow_mult(one), await allow_mult(other)) == (True, False)
        await heard(other)


async def test_a_write_through_a_node_that_has_not_heard_loses_a_sibling() -> None:
    async with two_nodes(gossip=60) as (one, other):
        await one.ask(21, pb.RpbSetBucketReq(bucket=b"b", props=ALLOW_MULT))
        await one.put("k", b"one", type=None)
        await other.put("k", b"two", type=None)
        assert await one.values("k", type=None, r=2) == [b"two"]


async def test_properties_cross_a_partition_only_after_it_heals(cluster: RiakCluster, clients: list[Client]) -> None:
    cluster.part([[0, 1], [2]])
    await clients[0].ask(21, pb.RpbSetBucketReq(bucket=b"b", props=ALLOW_MULT))
    await heard(clients[1])
    assert not await allow_mult(clients[2])
    cluster.heal()
    await heard(clients[2])


async def test_what_is_not_set_stays_as_it_was(client: Client) -> None:
    await client.ask(21, pb.RpbSetBucketReq(bucket=b"b", props=pb.RpbBucketProps(n_val=2)))
    await client.ask(21, pb.RpbSetBucketReq(bucket=b"b", props=ALLOW_MULT))
    props = (await client.ask(19, pb.RpbGetBucketReq(bucket=b"b"))).props
    assert (props.n_val, props.allow_mult, props.last_write_wins) == (2, True, False)


async def test_a_bucket_of_an_unknown_type_is_an_error(client: Client) -> None:
    with says("No bucket-type named 'nope'"):
        await client.ask(19, pb.RpbGetBucketReq(bucket=b"b", type=b"nope"))


async def test_a_bucket_type_tells_what_it_was_made_with(client: Client) -> None:
    props = (await client.ask(31, pb.RpbGetBucketTypeReq(type=b"last"))).props
    assert (props.allow_mult, props.last_write_wins, props.HasField("write_once")) == (True, True, False)


async def test_a_bucket_without_a_name_is_an_error(client: Client) -> None:
    with says("Bucket cannot be zero-length"):
        await client.get("k", bucket=b"")
