"""The application on a Riak cluster: the calls of a request, the merge of siblings, and failing nodes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from notification.riak.client import RiakClient
from notification.riak.objects import RiakContent
from notification.storage.java.legacy_pb2 import Notification as Entry
from notification.storage.java.legacy_pb2 import NotificationList
from siblings.ksuid import encode
from tests.http.conftest import OpenClient
from tests.riak_cluster import RiakCluster
from tests.waiting import until

TYPE = b"notifications"
BUCKET = b"notifications"


def on(cluster: RiakCluster, **riak: str) -> str:
    settings = {"nodes": f"[{', '.join(cluster.addresses)}]", "bucket_type": "notifications", **riak}
    return "storage: riak\nriak: {" + ", ".join(f"{key}: {value}" for key, value in settings.items()) + "}"


@pytest.fixture
async def cluster() -> AsyncIterator[RiakCluster]:
    async with RiakCluster(nodes=3, bucket_types={"notifications": {}}) as cluster:
        yield cluster


def asked(cluster: RiakCluster) -> Counter[str]:
    return sum((cluster.requests(node) for node in range(3)), Counter())


def values_sent(cluster: RiakCluster) -> int:
    return sum(cluster.values_sent(node) for node in range(3))


async def test_the_tour_works(open_client: OpenClient, cluster: RiakCluster) -> None:
    client = await open_client(on(cluster))
    ids = [await client.post() for _ in range(3)]
    assert [item["unseen"] for item in await client.items()] == [True] * 3
    await client.remove(ids[1])
    assert await client.ids() == [ids[2], ids[0]]
    await client.call("PUT", "/v1/rules/like", json={"max_size": 5})
    assert len((await client.items())[0]["notifications"]) == 1
    await client.call("DELETE", "/v1/notifications/test")
    await client.call("GET", "/v1/notifications/test", 404)
    await client.call("GET", "/v1/cursors/test/notifications", 404)
    new = await client.post()
    assert new > ids[2]


async def test_a_write_costs_one_round_trip_where_nobody_else_writes(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    client = await open_client(on(cluster))
    await client.post()
    before = asked(cluster)
    for _ in range(10):
        await client.post()
    assert asked(cluster) - before == {"put": 10}


async def test_an_unchanged_read_brings_no_value(open_client: OpenClient, cluster: RiakCluster) -> None:
    client = await open_client(on(cluster))
    await client.post()
    await client.http.get("/v1/notifications/test/count")
    await client.http.get("/v1/notifications/test/count")
    requests, sent = asked(cluster), values_sent(cluster)
    for _ in range(10):
        await client.http.get("/v1/notifications/test/count")
    assert asked(cluster) - requests == {"get": 20}
    assert values_sent(cluster) == sent


async def test_where_all_was_seen_an_unchanged_read_is_one_round_trip(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    client = await open_client(on(cluster))
    await client.post()
    await client.items()
    await client.items()
    requests = asked(cluster)
    for _ in range(10):
        await client.items()
    assert asked(cluster) - requests == {"get": 10}


async def test_a_hundred_posts_through_four_instances_leave_few_siblings_and_one_when_quiet(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    clients = [await open_client(on(cluster)) for _ in range(4)]
    ids = await asyncio.gather(*(clients[number % 4].post() for number in range(100)))
    assert cluster.most_siblings(BUCKET, b"test", TYPE) <= 4
    await until(lambda: len(cluster.siblings(BUCKET, b"test", TYPE)) == 1)
    for client in clients:
        listed = await client.ids("id; max=1000")
        assert set(listed) == set(ids)
        assert all(newer > older for newer, older in pairwise(listed))


async def test_a_removal_of_all_covers_what_was_acknowledged_before_it_was_asked_for(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    one, other = [await open_client(on(cluster, nodes=f"['{cluster.addresses[node]}']")) for node in (0, 1)]
    await one.post()
    await other.post()
    reads = cluster.requests(0)["get"]
    cluster.slow(0, 0.5)
    creating = asyncio.ensure_future(one.post())
    await until(lambda: cluster.requests(0)["get"] > reads)  # its put has found a sibling, and its read is in flight
    await other.post()
    removing = asyncio.ensure_future(one.call("DELETE", "/v1/notifications/test"))
    await asyncio.gather(creating, removing)
    cluster.slow(0, 0)
    await other.call("GET", "/v1/notifications/test", 404)


async def test_a_node_that_is_killed_costs_no_request(open_client: OpenClient, cluster: RiakCluster) -> None:
    client = await open_client(on(cluster))
    ids = [await client.post() for _ in range(10)]
    cluster.kill(1)
    ids += [await client.post() for _ in range(30)]
    cluster.start(1)
    cluster.hang(2)
    ids += [await client.post() for _ in range(5)]
    assert await client.ids("id; max=1000") == ids[::-1]


async def test_without_any_node_it_is_503_and_well_again_without_a_restart(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    client = await open_client(on(cluster, deadline="500 ms", request_timeout="500 ms"))
    ids = [await client.post()]
    for node in range(3):
        cluster.kill(node)
    reply = await client.call("POST", "/v1/notifications/test", 503, json={"category": "like", "message": "hi"})
    assert reply.headers["Retry-After"]
    await client.call("GET", "/v1/notifications/test", 503)
    for node in range(3):
        cluster.start(node)

    async def is_well() -> bool:
        async with client.http.get("/v1/notifications/test") as reply:
            return reply.status == 200

    await until(is_well)
    ids.append(await client.post())
    assert {ids[0], ids[1]} <= set(await client.ids())


async def test_it_starts_while_riak_is_down(open_client: OpenClient, cluster: RiakCluster) -> None:
    for node in range(3):
        cluster.kill(node)
    client = await open_client(on(cluster, deadline="300 ms", request_timeout="300 ms"))
    await client.call("GET", "/v1/notifications/test", 503)
    for node in range(3):
        cluster.start(node)

    async def is_well() -> bool:
        async with client.http.get("/v1/notifications/test") as reply:
            return reply.status == 404

    await until(is_well)


async def test_both_sides_of_a_partition_are_merged_when_it_heals(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    left = await open_client(on(cluster, nodes=f"['{cluster.addresses[0]}']"))
    right = await open_client(on(cluster, nodes=f"['{cluster.addresses[1]}', '{cluster.addresses[2]}']"))
    ids = [await left.post()]
    removed = await right.post()
    assert await left.ids() == [removed, ids[0]]
    cluster.part([[0], [1, 2]])
    ids += [await left.post() for _ in range(3)]
    ids += [await right.post() for _ in range(3)]
    await right.remove(removed)
    cluster.heal()

    async def agree() -> bool:
        return await left.ids() == await right.ids() == sorted(ids, reverse=True)

    await until(agree)
    await until(lambda: len(cluster.siblings(BUCKET, b"test", TYPE)) == 1)


async def test_feeds_of_the_java_service_are_read_and_written_back_as_ours(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    entries = [Entry(id=encode(n), category="like", message=f"old {n}", created_at=n * 1000) for n in (5, 7, 9)]
    entries[2].property["post"] = "42"
    stored = NotificationList(notification=entries, deleted_id=[encode(7)]).SerializeToString()
    riak = RiakClient(cluster.addresses)
    content = RiakContent(stored, "application/x-protobuf")
    await riak.put(BUCKET, b"test", content, vclock=None, bucket_type=TYPE)
    client = await open_client(on(cluster))
    items = await client.items()
    assert [(item["id"], item["message"]) for item in items] == [(encode(9), "old 9"), (encode(5), "old 5")]
    assert (items[0]["created_at"], items[0]["properties"]) == ("1970-01-01T00:00:09.000Z", {"post": "42"})
    new = await client.post()
    assert await client.ids() == [new, encode(9), encode(5)]
    (sibling,) = (await riak.get(BUCKET, b"test", bucket_type=TYPE)).siblings
    assert sibling.content_type == "application/msgpack"
    await riak.close()


@pytest.mark.parametrize("junk", [b"\xff\xff", NotificationList(notification=[Entry(id="no id")]).SerializeToString()])
async def test_what_is_no_list_of_the_java_service_is_left_as_it_is(
    open_client: OpenClient, cluster: RiakCluster, junk: bytes
) -> None:
    riak = RiakClient(cluster.addresses)
    await riak.put(BUCKET, b"test", RiakContent(junk, "application/x-protobuf"), vclock=None, bucket_type=TYPE)
    client = await open_client(on(cluster))
    await client.call("GET", "/v1/notifications/test", 500)
    await client.call("POST", "/v1/notifications/test", 500, json={"category": "like", "message": "hi"})
    (sibling,) = (await riak.get(BUCKET, b"test", bucket_type=TYPE)).siblings
    assert sibling.value == junk
    await riak.close()


async def test_values_say_what_they_are_to_other_tools(open_client: OpenClient, cluster: RiakCluster) -> None:
    client = await open_client(on(cluster))
    for number in range(60):
        await client.post(message="as long as messages are" * 5 + str(number))
    await client.items()
    riak = RiakClient(cluster.addresses)
    (feed,) = (await riak.get(BUCKET, b"test", bucket_type=TYPE)).siblings
    (cursor,) = (await riak.get(b"cursors", b"test-notifications", bucket_type=TYPE)).siblings
    assert (feed.content_type, feed.content_encoding) == ("application/msgpack", "zstd")
    assert cursor.content_type == "application/json"
    assert cursor.value.startswith(b'{"key":"test-notifications","value":"')
    await riak.close()
