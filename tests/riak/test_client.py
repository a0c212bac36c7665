"""What is left of the client: its words for what Riak knows about itself."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from notification.riak.client import RiakClient
from notification.riak.errors import NodeUnavailable
from notification.riak.messages import Code
from notification.riak.objects import BucketProperties, RiakContent, RiakObject, ServerInfo
from notification.riak.options import Options
from notification.riak.riak_pb2 import RpbGetReq, RpbPutReq
from tests.riak.recorded import steps
from tests.riak.scripted_node import ScriptedNode, hang

SAFE = BucketProperties(n_val=3, allow_mult=True, last_write_wins=False, consistent=False, write_once=False)


@pytest.fixture
async def client(nodes: list[ScriptedNode]) -> AsyncIterator[RiakClient]:
    client = RiakClient([node.name for node in nodes])
    yield client
    await client.close()


async def test_one_node_is_asked_where_it_is_named(client: RiakClient, nodes: list[ScriptedNode]) -> None:
    for _ in range(5):
        await client.ping(nodes[1].name)
    assert [node.asked[Code.PING_REQ] for node in nodes] == [0, 5, 0]


async def test_any_node_is_asked_where_none_is_named(client: RiakClient, nodes: list[ScriptedNode]) -> None:
    await nodes[0].stop()
    for _ in range(10):
        await client.ping()
    assert nodes[1].asked[Code.PING_REQ] + nodes[2].asked[Code.PING_REQ] == 10


async def test_a_named_node_that_is_down_is_not_replaced(client: RiakClient, nodes: list[ScriptedNode]) -> None:
    await nodes[0].stop()
    with pytest.raises(NodeUnavailable):
        await client.ping(nodes[0].name)


async def test_a_named_node_whose_connections_are_all_in_use_is_not_waited_for_for_ever(node: ScriptedNode) -> None:
    node.script = hang
    limits = Options(pool_size=1, connect_timeout=0.1, auth_timeout=0.1, request_timeout=0.1)
    client = RiakClient([node.name], options=limits)
    walk = asyncio.ensure_future(client.list_keys(b"b"))
    await asyncio.sleep(0)
    with pytest.raises(NodeUnavailable, match="no reply within"):
        await client.ping(node.name)
    walk.cancel()
    await asyncio.wait((walk,))
    await client.close()


async def test_a_node_tells_its_name_and_version(client: RiakClient, nodes: list[ScriptedNode]) -> None:
    assert await client.server_info(nodes[0].name) == ServerInfo(f"scripted@{nodes[0].name}", "3.2")


async def test_bucket_properties_are_read(client: RiakClient) -> None:
    assert await client.get_bucket(b"feeds") == SAFE
    assert await client.get_bucket_type(b"notifications") == SAFE


async def test_a_get_may_ask_for_metadata_only(client: RiakClient, nodes: list[ScriptedNode]) -> None:
    await client.get(b"b", b"k", head=True)
    (request,) = (frame for node in nodes for frame in node.frames)
    assert RpbGetReq.FromString(request.body).head


async def test_a_put_may_ask_for_nothing(client: RiakClient, nodes: list[ScriptedNode]) -> None:
    assert await client.put(b"b", b"k", RiakContent(b"v")) == RiakObject((), None)
    (request,) = (frame for node in nodes for frame in node.frames)
    assert not RpbPutReq.FromString(request.body).HasField("return_head")


def test_a_recorded_sibling_is_read_with_what_riak_knows_about_it() -> None:
    found = RiakObject.read(steps("siblings")[3].responses[0].data[5:])
    one = RiakContent(
        b"one", "application/octet-stream", vtag=b"7EQgDt9P85s40vcY3rhZhW", last_mod=1795336684 + 0.103441
    )
    assert found.siblings[0] == one
    assert [sibling.value for sibling in found.siblings] == [b"one", b"two"]


def test_a_recorded_tombstone_says_it_is_one() -> None:
    found = RiakObject.read(steps("delete")[5].responses[0].data[5:])
    assert [sibling.deleted for sibling in found.siblings] == [True, False]


def test_recorded_properties_are_read() -> None:
    untyped, typed = steps("bucket-properties")[0], steps("bucket-type")[0]
    read = [BucketProperties.read(step.responses[0].data[5:]) for step in (untyped, typed)]
    assert [properties.allow_mult for properties in read] == [False, True]


async def test_the_limits_can_be_read(client: RiakClient, nodes: list[ScriptedNode]) -> None:
    assert client.nodes == tuple(node.name for node in nodes)
    assert client.options.deadline == 5.0
