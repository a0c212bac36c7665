"""The message of a 503 says whether the request may have taken effect."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from notification.http.status import FULL, NOT_STORED, UNAVAILABLE, UNREAD
from tests.http.conftest import OpenClient
from tests.http.test_on_riak import on
from tests.operations.test_operations import asked
from tests.riak_cluster import RiakCluster
from tests.service_process import ServiceProcess
from tests.small_disk import small_disk

BODY = {"category": "like", "message": "hi"}
FAST = {"request_timeout": "300 ms", "deadline": "500 ms"}


async def test_a_file_that_is_locked_stores_nothing_and_says_so(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text(f"server: {{port: 0}}\nembedded: {{path: {tmp_path}/feeds.db, timeout: 50 ms}}\n")
    async with ServiceProcess(tmp_path, config) as service:
        elsewhere = sqlite3.connect(tmp_path / "feeds.db", isolation_level=None)
        elsewhere.execute("BEGIN IMMEDIATE")
        reply = json.loads(await asked("POST", f"{service.url}/v1/notifications/ada", json=BODY))
        elsewhere.close()
    assert reply == {"code": 503, "message": NOT_STORED}


async def test_a_put_that_is_under_way_at_the_deadline_has_an_unknown_outcome(
    open_client: OpenClient, tmp_path: Path
) -> None:
    client = await open_client("request_timeout: 100 ms")
    await client.post()
    elsewhere = sqlite3.connect(tmp_path / "feeds.db", isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    replies = await asyncio.gather(
        *(client.call("POST", "/v1/notifications/test", 503, json=BODY) for _ in range(2)),
    )
    elsewhere.close()
    messages = [(await reply.json())["message"] for reply in replies]
    assert UNAVAILABLE in messages


@pytest.mark.parametrize(("fault", "known"), [("kill", NOT_STORED), ("hang", UNAVAILABLE)])
async def test_without_a_node_a_write_says_whether_it_was_sent(open_client: OpenClient, fault: str, known: str) -> None:
    async with RiakCluster(nodes=1, bucket_types={"notifications": {}}) as cluster:
        client = await open_client(on(cluster, **FAST))
        await client.post()
        getattr(cluster, fault)(0)
        reply = await client.call("POST", "/v1/notifications/test", 503, json=BODY)
        assert (await reply.json())["message"] == known


@pytest.mark.parametrize("fault", ["kill", "hang"])
async def test_a_read_changes_nothing_and_says_so(open_client: OpenClient, fault: str) -> None:
    async with RiakCluster(nodes=1, bucket_types={"notifications": {}}) as cluster:
        client = await open_client(on(cluster, **FAST))
        await client.post()
        getattr(cluster, fault)(0)
        for path in ("/v1/notifications/test", "/v1/notifications/test/count"):
            reply = await client.call("GET", path, 503)
            assert (await reply.json())["message"] == UNREAD


async def test_a_full_disk_stores_nothing_says_so_warns_once_a_second_and_recovers(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        config = tmp_path / "config.yml"
        config.write_text(
            f"server: {{port: 0}}\nembedded: {{path: {disk.path}/feeds.db}}\nlogging: {{requests: false}}\n"
        )
        async with ServiceProcess(tmp_path, config) as service:
            feed = f"{service.url}/v1/notifications/ada"
            await asked("POST", feed, json=BODY)
            disk.fill()
            big = {**BODY, "properties": {"text": "x" * 3000}}
            replies = await asyncio.gather(*(asked("POST", feed, json=big) for _ in range(100)))
            assert {(json.loads(reply)["code"], json.loads(reply)["message"]) for reply in replies} == {(503, FULL)}
            assert len(json.loads(await asked("GET", feed))) == 1
            health = json.loads(await asked("GET", f"{service.url}/admin/healthcheck"))
            assert "full" in health["store"]["message"]
            disk.empty()
            assert "id" in json.loads(await asked("POST", feed, json=big))
        warnings = [line for line in service.lines if line["event"] == "store unavailable"]
    assert 1 <= len(warnings) < 20
    assert all("full" in line["reason"] for line in warnings)
