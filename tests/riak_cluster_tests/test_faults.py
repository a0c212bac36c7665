"""Nodes that clients can't rely on."""

import asyncio

import pytest

from notification.riak import riak_pb2 as pb
from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.client import Client
from tests.riak_cluster_tests.expecting import NEVER_SECONDS, says, unanswered, until

SLOW_SECONDS = 0.3
"""Long enough for something to be switched meanwhile, on a busy machine too."""


async def test_a_refusing_node_keeps_the_connections_it_has(cluster: RiakCluster, client: Client) -> None:
    cluster.refuse(0)
    with pytest.raises(ConnectionRefusedError):
        await Client(cluster.addresses[0]).__aenter__()
    assert await client.ask(1) == 2


async def test_a_refusing_node_may_reset_the_connections_it_has(cluster: RiakCluster, client: Client) -> None:
    cluster.refuse(0, existing="reset")
    with pytest.raises(ConnectionResetError):
        await client.reader.read()


async def test_a_node_that_behaves_again_accepts(cluster: RiakCluster) -> None:
    cluster.refuse(0)
    cluster.behave(0)
    async with Client(cluster.addresses[0]) as client:
        assert await client.ask(1) == 2


async def test_a_hanging_node_accepts_and_never_answers(cluster: RiakCluster) -> None:
    cluster.hang(0)
    async with Client(cluster.addresses[0]) as client:
        assert await unanswered(client.ask(1))


async def test_a_hanging_node_does_what_it_is_asked(cluster: RiakCluster, clients: list[Client]) -> None:
    cluster.hang(0)
    assert await unanswered(clients[0].put("k", b"v"))
    await until(lambda: cluster.siblings("b", "k") == [b"v"])


async def test_a_hanging_node_may_do_nothing(cluster: RiakCluster, clients: list[Client]) -> None:
    cluster.hang(0, works=False)
    assert await unanswered(clients[0].put("k", b"v"))
    assert await clients[1].values("k") == []


async def test_a_node_that_hung_answers_late(cluster: RiakCluster, client: Client) -> None:
    cluster.hang(0, works=False)
    ping = asyncio.create_task(client.ask(1))
    assert await unanswered(asyncio.shield(ping))
    cluster.behave(0)
    assert await ping == 2


async def test_what_was_asked_on_a_connection_that_has_gone_before_it_was_begun_is_not_done(
    cluster: RiakCluster, clients: list[Client]
) -> None:
    cluster.hang(0, works=False)
    async with Client(cluster.addresses[0]) as client:
        assert await unanswered(client.put("k", b"v"))
    await until(lambda: cluster.connections(0) == 1)
    cluster.behave(0)
    assert await clients[0].values("k") == []


async def test_a_slow_node_answers_slowly(cluster: RiakCluster, client: Client) -> None:
    cluster.slow(0, 0.1)
    loop = asyncio.get_running_loop()
    start = loop.time()
    await client.ask(1)
    assert loop.time() - start >= 0.1


async def test_a_starting_node_knows_no_message(cluster: RiakCluster, client: Client) -> None:
    cluster.starting(0)
    with says("Unknown message code: 1"):
        await client.ask(1)
    with says("Unknown message code: 11"):
        await client.put("k", b"v")


async def test_an_overloaded_node_says_so(cluster: RiakCluster, client: Client) -> None:
    cluster.overload(0)
    with says("overload"):
        await client.put("k", b"v")
    cluster.behave(0)
    assert await client.values("k") == []


async def test_an_error_may_come_after_the_work_is_done(cluster: RiakCluster, client: Client) -> None:
    cluster.slow(0, SLOW_SECONDS)
    put = asyncio.create_task(client.put("k", b"v"))
    await until(lambda: bool(cluster.siblings("b", "k")))
    cluster.overload(0)
    with says("overload"):
        await put
    assert cluster.siblings("b", "k") == [b"v"]


@pytest.mark.parametrize("after", [None, 0, 3, 5])
async def test_a_reply_is_cut_in_the_middle(cluster: RiakCluster, client: Client, after: int | None) -> None:
    await client.put("k", b"v" * 1000)
    cluster.cut(0, after=after)
    get = pb.RpbGetReq(bucket=b"b", type=b"multi", key=b"k").SerializeToString()
    client.writer.write((len(get) + 1).to_bytes(4, "big") + b"\x09" + get)
    received = await client.reader.read()
    assert len(received) == after if after is not None else 500 < len(received) < 1000


async def test_only_so_many_replies_are_cut(cluster: RiakCluster) -> None:
    cluster.cut(0, replies=2)
    for _ in range(2):
        async with Client(cluster.addresses[0]) as client:
            with pytest.raises(asyncio.IncompleteReadError):
                await client.ask(1)
    async with Client(cluster.addresses[0]) as client:
        assert await client.ask(1) == 2


async def test_a_request_in_the_middle_hangs_when_its_node_does(cluster: RiakCluster, client: Client) -> None:
    cluster.slow(0, SLOW_SECONDS)
    ping = asyncio.create_task(client.ask(1))
    await until(lambda: cluster.requests(0)["ping"] == 1)
    cluster.hang(0)
    await asyncio.wait({ping}, timeout=SLOW_SECONDS + NEVER_SECONDS)
    assert not ping.done()
    cluster.behave(0)
    assert await ping == 2


async def test_a_killed_node_resets_what_hangs(cluster: RiakCluster, client: Client) -> None:
    cluster.hang(0)
    get = asyncio.create_task(client.get("k"))
    await until(lambda: cluster.requests(0)["get"] == 1)
    cluster.kill(0)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await get


async def test_a_cluster_that_finds_its_port_taken_lets_go_of_the_others(cluster: RiakCluster) -> None:
    taken = int(cluster.addresses[0].partition(":")[2])
    with pytest.raises(OSError, match="in use"):
        await RiakCluster(2, ports=(0, taken)).__aenter__()


async def test_connections_are_counted_while_they_are_open(cluster: RiakCluster) -> None:
    async with Client(cluster.addresses[0]) as client:
        await client.ask(1)
        assert cluster.connections(0) == 1
    await until(lambda: cluster.connections(0) == 0)


async def test_requests_and_bytes_of_values_are_counted(cluster: RiakCluster, client: Client) -> None:
    await client.put("k", b"12345")
    await client.get("k")
    await client.get("k", head=True)
    await client.ask(1)
    assert cluster.requests(0) == {"put": 1, "get": 2, "ping": 1}
    assert (cluster.values_received(0), cluster.values_sent(0)) == (5, 5)


async def test_looking_at_siblings_does_not_count_as_seeing_them(cluster: RiakCluster, clients: list[Client]) -> None:
    cluster.part([[0], [1, 2]])
    for client in clients[:2]:
        await client.put("k", b"v")
    assert len(cluster.siblings("b", "k")) == 2
    assert cluster.most_siblings("b", "k") == 1


async def test_the_most_siblings_are_remembered(cluster: RiakCluster, client: Client) -> None:
    for number in range(5):
        await client.put("k", b"%d" % number)
    await client.put("k", b"one", (await client.get("k")).vclock)
    assert cluster.most_siblings("b", "k") == 5
    assert cluster.siblings("b", "k") == [b"one"]
