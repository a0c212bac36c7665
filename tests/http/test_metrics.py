"""`/metrics` and `/admin/metrics`: each event is counted in the right metric."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from notification.storage.embedded.store import EmbeddedStore
from siblings import FEED, RULE_MAP, Feed, RuleMap
from siblings.ksuid import NO_ID, encode
from tests.http.conftest import Client, OpenClient
from tests.http.test_on_riak import on
from tests.riak_cluster import RiakCluster
from tests.waiting import until

Metric = dict[str, Any]


async def value(client: Client, name: str, **labels: object) -> float:
    """Return the sample of `/metrics` whose labels contain these, or 0 if there is none."""
    reply = await client.call("GET", "/metrics", 200)
    wanted = {label: str(text) for label, text in labels.items()}
    for family in text_string_to_metric_families(await reply.text()):
        for sample in family.samples:
            if sample.name == f"notification_{name}" and wanted.items() <= sample.labels.items():
                return float(sample.value)
    return 0.0


async def store_of(tmp_path: Path) -> EmbeddedStore:
    return EmbeddedStore(tmp_path / "feeds.db")


@pytest.fixture
async def cluster() -> AsyncIterator[RiakCluster]:
    async with RiakCluster(nodes=3, bucket_types={"notifications": {}}) as cluster:
        yield cluster


async def test_metrics_are_in_the_text_format_of_prometheus(client: Client) -> None:
    reply = await client.call("GET", "/metrics", 200)
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(await reply.text()))
    assert all(family.name.startswith("notification_") and family.documentation for family in families)
    assert not any(sample.name.endswith("_created") for family in families for sample in family.samples)


async def test_requests_are_counted_and_timed_by_route_and_not_by_user(client: Client) -> None:
    await client.post("ada")
    await client.post("grace")
    labels = {"method": "POST", "route": "/v1/notifications/{username}"}
    assert await value(client, "requests_total", **labels, status=201) == 2
    assert await value(client, "request_seconds_count", **labels) == 2
    assert 0 < await value(client, "request_seconds_sum", **labels) < 60


async def test_refused_requests_are_counted_too(client: Client) -> None:
    await client.call("GET", "/v1/notifications/nobody", 404)
    assert await value(client, "requests_total", route="/v1/notifications/{username}", status=404) == 1


async def test_paths_that_clients_make_up_and_methods_we_never_have_are_counted_as_one(client: Client) -> None:
    for method, path in (("PROPFIND", "/one"), ("MKCOL", "/two")):
        await client.call(method, path, 404)
    assert await value(client, "requests_total", method="other", route="unmatched", status=404) == 2


async def test_a_stream_counts_when_it_starts_and_while_somebody_listens(client: Client) -> None:
    async with client.http.get("/v1/notifications/test/stream") as reply:
        assert reply.status == 200
        assert await value(client, "requests_total", route="/v1/notifications/{username}/stream") == 1
        assert await value(client, "stream_subscribers") == 1

    async def nobody_listens() -> bool:
        await client.post()  # the server notices that the client has left when it next writes to the connection
        return await value(client, "stream_subscribers") == 0

    await until(nobody_listens)


async def test_created_and_removed_notifications_are_counted_once(client: Client) -> None:
    ids = [await client.post() for _ in range(4)]
    await client.remove(ids[0])
    await client.remove(ids[0], encode(5))
    assert await value(client, "removed_total") == 1
    await client.call("DELETE", "/v1/notifications/test")
    assert (await value(client, "created_total"), await value(client, "removed_total")) == (4, 4)


async def test_a_create_that_was_repeated_is_counted_once(client: Client) -> None:
    body = {"category": "like", "message": "hi"}
    for _ in range(2):
        await client.call("POST", "/v1/notifications/test", 201, json=body, headers={"Idempotency-Key": "key"})
    assert await value(client, "created_total") == 1


async def test_what_leaves_the_window_is_counted(client: Client, tmp_path: Path) -> None:
    store = await store_of(tmp_path)
    full = Feed.of(NO_ID, {encode(number): b"" for number in range(1, 1001)})
    await store.put("notifications", "test", FEED.encode(full), None)
    await store.close()
    await client.post()
    await client.post()
    assert await value(client, "trimmed_total") == 2


async def test_calls_of_the_embedded_store_are_counted_and_timed(client: Client) -> None:
    await client.post()
    labels = {"node": "embedded", "operation": "put"}
    assert await value(client, "store_calls_total", **labels, outcome="ok") == 1
    assert await value(client, "store_call_seconds_count", **labels) == 1


async def test_siblings_that_a_read_brings_are_counted_and_so_is_their_merge(client: Client, tmp_path: Path) -> None:
    store = await store_of(tmp_path)
    for number in (5, 7, 9):
        await store.put("notifications", "test", FEED.encode(Feed.of(NO_ID, {encode(number): None})), None)
    await store.close()
    await client.call("GET", "/v1/notifications/test/count", 200)
    assert await value(client, "siblings_per_read_bucket", bucket="notifications", le="2.0") == 0
    assert await value(client, "siblings_per_read_bucket", bucket="notifications", le="3.0") == 1
    assert await value(client, "merges_total", bucket="notifications") == 1


async def test_changes_that_one_put_carries_are_counted(client: Client) -> None:
    await asyncio.gather(*(client.post() for _ in range(20)))
    puts = await value(client, "changes_per_put_count", bucket="notifications")
    assert await value(client, "changes_per_put_sum", bucket="notifications") == 20
    assert puts < 20


async def test_a_read_of_what_did_not_change_is_a_cache_hit(client: Client) -> None:
    await client.post()
    before = await value(client, "cache_reads_total", bucket="notifications", result="hit")
    await client.items()
    await client.items()
    assert await value(client, "cache_reads_total", bucket="notifications", result="hit") == before + 2


CORRUPT: list[tuple[str, str, bytes, str]] = [
    ("notifications", "test", b"junk", "/v1/notifications/test"),
    ("notifications", "test", FEED.encode(Feed.of(NO_ID, {encode(5): b"junk"})), "/v1/notifications/test"),
    ("cursors", "test-other", b"junk", "/v1/cursors/test/other"),
    ("rules", "rules", b"junk", "/v1/rules"),
    ("rules", "rules", RULE_MAP.encode(RuleMap().put("like", encode(5), b"junk")), "/v1/rules"),
]


@pytest.mark.parametrize(("bucket", "key", "stored", "path"), CORRUPT)
async def test_corrupt_values_are_counted(
    client: Client, tmp_path: Path, bucket: str, key: str, stored: bytes, path: str
) -> None:
    assert await value(client, "corrupt_values_total", bucket=bucket) == 0
    store = await store_of(tmp_path)
    await store.put(bucket, key, stored, None)
    await store.close()
    await client.call("GET", path, 500)
    assert await value(client, "corrupt_values_total", bucket=bucket) == 1


async def test_zeros_are_shown_before_anything_happens_so_that_the_first_time_is_an_increase(client: Client) -> None:
    text = await (await client.call("GET", "/metrics", 200)).text()
    for bucket in ("notifications", "cursors", "rules"):
        assert f'notification_corrupt_values_total{{bucket="{bucket}"}} 0.0' in text


async def test_calls_of_each_riak_node_are_counted_and_whether_it_is_in_use_is_shown(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    client = await open_client(on(cluster))
    await client.post()
    assert (
        sum([await value(client, "store_calls_total", node=node, operation="put") for node in cluster.addresses]) == 1
    )
    dead = cluster.addresses[1]
    assert await value(client, "node_in_use", node=dead) == 1
    cluster.kill(1)

    async def went_out() -> bool:
        await client.post()
        return await value(client, "node_in_use", node=dead) == 0

    await until(went_out)
    assert await value(client, "store_calls_total", node=dead, outcome="unavailable") >= 1


async def test_a_value_of_the_java_service_that_can_not_be_read_is_counted(
    open_client: OpenClient, cluster: RiakCluster
) -> None:
    from notification.riak.client import RiakClient
    from notification.riak.objects import RiakContent

    riak = RiakClient(cluster.addresses)
    content = RiakContent(b"\xff\xff", "application/x-protobuf")
    await riak.put(b"notifications", b"test", content, vclock=None, bucket_type=b"notifications")
    await riak.close()
    client = await open_client(on(cluster))
    await client.call("GET", "/v1/notifications/test", 500)
    assert await value(client, "corrupt_values_total", bucket="notifications") == 1


async def test_the_same_is_told_as_json(client: Client) -> None:
    await client.post()
    told = await (await client.call("GET", "/admin/metrics", 200)).json()
    metrics: dict[str, Metric] = told["metrics"]
    (created,) = metrics["notification_created_total"]["samples"]
    assert (metrics["notification_created_total"]["type"], created) == ("counter", {"labels": {}, "value": 1})
    (started,) = metrics["notification_start_time_seconds"]["samples"]
    assert 0 <= told["time"] - started["value"] < 3600


async def test_a_histogram_in_json_is_one_object_per_set_of_labels_with_its_buckets(client: Client) -> None:
    await client.post()
    metrics = (await (await client.call("GET", "/admin/metrics", 200)).json())["metrics"]
    (puts,) = [
        sample
        for sample in metrics["notification_changes_per_put"]["samples"]
        if sample["labels"] == {"bucket": "notifications"}
    ]
    assert (puts["count"], puts["sum"]) == (1, 1)
    assert puts["buckets"][:2] == [{"le": 0, "count": 0}, {"le": 1, "count": 1}]
    assert [bucket["le"] for bucket in puts["buckets"]] == sorted(bucket["le"] for bucket in puts["buckets"])


async def test_json_and_text_tell_of_the_same_metrics(client: Client) -> None:
    await client.post()
    text = await (await client.call("GET", "/metrics", 200)).text()
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP ")}
    assert set((await (await client.call("GET", "/admin/metrics", 200)).json())["metrics"]) == names
