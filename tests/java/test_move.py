"""Moving in from the Java service, on the cluster that it used: everything it stored works, and is copied elsewhere."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import structlog

from notification.riak.client import RiakClient
from notification.riak.objects import RiakContent
from notification.storage.java.legacy_pb2 import NotificationList
from tests.cli.conftest import Run
from tests.http.conftest import Client, Clock, OpenClient
from tests.java.recorded import SHOWN_RULES, RecordedFeed, feeds, rules
from tests.riak_cluster import RiakCluster
from tests.waiting import until

FEEDS = feeds()
RANGE = "id; max=1000"


def on(cluster: RiakCluster, **riak: str) -> str:
    settings = {"nodes": f"[{', '.join(cluster.addresses)}]", **riak}
    return "storage: riak\nriak: {" + ", ".join(f"{key}: {value}" for key, value in settings.items()) + "}"


async def put(cluster: RiakCluster, bucket: bytes, key: str, value: bytes, content_type: str) -> None:
    riak = RiakClient(cluster.addresses)
    await riak.put(bucket, key.encode(), RiakContent(value, content_type), vclock=None)
    await riak.close()


@pytest.fixture
async def cluster() -> AsyncIterator[RiakCluster]:
    async with RiakCluster(nodes=3, bucket_types={"maps": {}, "notifications": {}}) as cluster:
        for feed in FEEDS.values():
            for bucket, key, reply in (
                (b"notifications", feed.username, feed.feed),
                (b"cursors", f"{feed.username}-notifications", feed.cursor),
            ):
                for content in reply.content:
                    await put(cluster, bucket, key, content.value, content.content_type.decode())
        cluster.put_map("rules", "rules", rules())
        yield cluster


async def without_rules(client: Client) -> None:
    await client.call("DELETE", "/v1/rules")


async def check_feed(client: Client, feed: RecordedFeed, *, theirs: bool) -> None:
    """Read, remove one by one by its old or its new id, create and remove: as if the feed had always been ours."""
    user, kept = feed.username, feed.kept
    async with client.http.get(f"/v1/notifications/{user}?peek=true", headers={"Range": RANGE}) as reply:
        peeked = await reply.json()
    assert {item["id"]: item["message"] for item in peeked} == {id_: each["message"] for id_, each in kept.items()}
    seconds = [item["created_at"][:19] for item in peeked]
    assert all(newer >= older for newer, older in pairwise(seconds))
    unseen = {item["id"]: item["unseen"] for item in peeked}
    assert {id_: unseen[id_] for id_ in feed.shown} == feed.shown
    newest = (await client.ids(RANGE, user))[0]
    cursor = await (await client.call("GET", f"/v1/cursors/{user}/notifications", 200)).json()
    assert cursor["value"] == newest
    left = [item["id"] for item in peeked]
    while left:
        gone = left.pop(len(left) // 2)
        await client.remove(kept[gone]["id"] if theirs else gone, username=user)
        if left:
            assert await client.ids(RANGE, user) == left
    new = [await client.post(user) for _ in range(2)]
    assert await client.ids(RANGE, user) == new[::-1]
    assert new[0] > newest
    await client.remove(new[1], username=user)
    assert await client.ids(RANGE, user) == new[:1]


@pytest.mark.parametrize("theirs", [True, False], ids=["their ids", "our ids"])
@pytest.mark.parametrize("name", FEEDS)
async def test_a_recorded_feed_is_read_and_changed_as_if_it_had_always_been_ours(
    open_client: OpenClient, cluster: RiakCluster, clock: Clock, name: str, theirs: bool
) -> None:
    client = await open_client(on(cluster))
    await without_rules(client)
    clock.now = 1_800_000_000_000_000_000
    await check_feed(client, FEEDS[name], theirs=theirs)


async def test_a_feed_is_the_same_after_a_copy_into_a_file(
    open_client: OpenClient, cluster: RiakCluster, clock: Clock, run: Run, tmp_path: Path
) -> None:
    paths = [tmp_path / "riak.yml", tmp_path / "file.yml"]
    paths[0].write_text(on(cluster))
    paths[1].write_text(f"embedded: {{path: {tmp_path}/copied.db}}\n")
    done = await run("copy", "--from", paths[0], "--to", paths[1])
    assert (done.code, done.err) == (0, "")
    client = await open_client(path=tmp_path / "copied.db")
    assert await (await client.call("GET", "/v1/rules", 200)).json() == SHOWN_RULES
    await without_rules(client)
    clock.now = 1_800_000_000_000_000_000
    for feed in FEEDS.values():
        await check_feed(client, feed, theirs=True)


async def test_a_copy_into_another_bucket_type_leaves_everything_of_theirs_as_it_was(
    open_client: OpenClient, cluster: RiakCluster, clock: Clock, run: Run, tmp_path: Path
) -> None:
    paths = [tmp_path / "java.yml", tmp_path / "new.yml"]
    paths[0].write_text(on(cluster))
    paths[1].write_text(on(cluster, bucket_type="notifications"))
    assert (await run("copy", "--from", paths[0], "--to", paths[1])).code == 0
    assert (await run("copy", "--from", paths[0], "--to", paths[1])).lines[1].split()[3] == "0"
    client = await open_client(on(cluster, bucket_type="notifications", java_buckets="false"))
    assert await (await client.call("GET", "/v1/rules", 200)).json() == SHOWN_RULES
    await without_rules(client)
    clock.now = 1_800_000_000_000_000_000
    for feed in FEEDS.values():
        await check_feed(client, feed, theirs=False)
        for bucket, key, reply in (
            ("notifications", feed.username, feed.feed),
            ("cursors", f"{feed.username}-notifications", feed.cursor),
        ):
            theirs = sorted(content.value for content in reply.content if not content.deleted)
            assert cluster.siblings(bucket, key, "default") == theirs


async def test_their_ids_are_positions_and_cursors_too(open_client: OpenClient, cluster: RiakCluster) -> None:
    client = await open_client(on(cluster))
    await without_rules(client)
    feed = FEEDS["some"]
    ids = await client.ids(RANGE, feed.username)
    middle = ids[20]
    theirs = feed.kept[middle]["id"]
    assert await client.ids(f"id ]{theirs}..; max=1000", feed.username) == ids[21:]
    path = f"/v1/cursors/{feed.username}/phone"
    await client.call("PUT", path, json={"value": theirs})
    assert (await (await client.call("GET", path, 200)).json())["value"] == middle


async def test_their_rules_are_in_force_before_the_first_reply_and_ours_win_for_good(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    feed = FEEDS["group"]
    first = await open_client(on(cluster))
    items = await first.items(username=feed.username)
    assert len(items) < len(feed.kept)
    assert any("notifications" in item for item in items)
    assert await (await first.call("GET", "/v1/rules", 200)).json() == SHOWN_RULES
    second = await open_client(on(cluster))
    await second.call("DELETE", "/v1/rules/like")  # the first request of this process
    await second.call("PUT", "/v1/rules/minutes", json={"max_size": 3})
    third = await open_client(on(cluster))
    listed = await (await third.call("GET", "/v1/rules", 200)).json()
    assert listed == {name: rule for name, rule in SHOWN_RULES.items() if name != "like"} | {"minutes": {"max_size": 3}}
    await third.call("DELETE", "/v1/rules")
    fourth = await open_client(on(cluster))
    items = await fourth.items(RANGE, username=feed.username)
    assert len(items) == len(feed.kept)


async def test_a_rule_of_the_configuration_wins_over_theirs(open_client: OpenClient, cluster: RiakCluster) -> None:
    client = await open_client(on(cluster) + "\nrules: {like: {max_size: 7}}")
    assert (await (await client.call("GET", "/v1/rules", 200)).json())["like"] == {"max_size": 7}


async def test_while_riak_is_away_nothing_is_served_without_their_rules(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    for node in range(3):
        cluster.kill(node)
    client = await open_client(on(cluster, deadline="500 ms", request_timeout="500 ms"))
    await client.call("GET", "/v1/rules", 503)
    for node in range(3):
        cluster.start(node)

    async def serves() -> bool:
        return (await client.http.get("/v1/rules")).status == 200

    await until(serves, 20)
    assert await (await client.call("GET", "/v1/rules", 200)).json() == SHOWN_RULES


async def test_without_permission_for_their_rules_it_serves_without_them_and_warns(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    cluster.deny_maps()
    with structlog.testing.capture_logs() as logs:
        client = await open_client(on(cluster))
        await client.post()
        assert len(await client.items()) == 1
    assert "Permission denied" in next(log["reason"] for log in logs if "not read" in log["event"])


@pytest.mark.parametrize("types", [{}, {"maps": {}}], ids=["without the bucket type", "with an empty bucket"])
async def test_a_cluster_without_rules_of_the_java_service_has_none(
    open_client: OpenClient, types: dict[str, dict[str, Any]]
) -> None:
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(RiakCluster(nodes=3, bucket_types=types))
        client = await open_client(on(cluster))
        await client.post()
        assert len(await client.items()) == 1
        assert sum(cluster.requests(node)["dt_fetch"] for node in range(3)) == 1


async def test_with_the_option_off_nothing_is_asked_for_and_nothing_translated(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    client = await open_client(on(cluster, java_buckets="false"))
    await client.call("GET", f"/v1/notifications/{FEEDS['few'].username}", 500)
    assert sum(cluster.requests(node)["dt_fetch"] for node in range(3)) == 0


async def test_a_list_of_version_1_is_named_and_counted_and_the_copy_goes_on(
    cluster: RiakCluster, run: Run, tmp_path: Path
) -> None:
    # Field 1 of each entry is a number, as in the schema of version 1.
    entries = b"".join(b"\x0a\x05\x08" + bytes([number]) + b"\x12\x01c" for number in (1, 2, 3))
    assert len(NotificationList.FromString(entries).notification) == 3
    await put(cluster, b"notifications", "old", entries, "application/x-protobuf")
    paths = [tmp_path / "riak.yml", tmp_path / "file.yml"]
    paths[0].write_text(on(cluster))
    paths[1].write_text(f"embedded: {{path: {tmp_path}/copied.db}}\n")
    done = await run("copy", "--from", paths[0], "--to", paths[1])
    assert done.code == 1
    assert "notifications/old was not copied" in done.err
    assert "a list of version 1 of the Java service, with 3 notifications" in done.err
    assert done.lines[1].split() == ["notifications", str(len(FEEDS) + 1), str(len(FEEDS)), str(len(FEEDS)), "1"]
    done = await run("inspect", paths[0], "notifications", "old")
    assert (done.code, "a list of version 1 of the Java service, with 3 notifications" in done.out) == (0, True)
    done = await run("inspect", paths[0], "rules", "rules")
    assert (done.code, "max_duration: 90 minutes" in done.out) == (0, True)
