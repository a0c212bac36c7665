"""The health check reports whether writes succeed, whether the open file is the right one, and unreadable values."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from notification.operations.health import MAX_RECENT, RECENT, REUSE_PERIOD, CorruptValues, HealthCheck
from notification.storage.embedded.store import EmbeddedStore
from tests.http.conftest import Client, OpenClient
from tests.http.test_on_riak import on
from tests.riak_cluster import RiakCluster
from tests.storage.damage import damage_index
from tests.watched_store import WatchedStore

BODY = {"category": "like", "message": "hi"}


class Clock:
    """A clock in seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def health(client: Client, expect: int) -> Any:
    return await (await client.call("GET", "/admin/healthcheck", expect)).json()


@pytest.mark.parametrize("fate", ["deleted", "replaced"])
async def test_a_file_that_is_gone_acknowledges_no_write_and_is_500(client: Client, tmp_path: Path, fate: str) -> None:
    await client.post()
    file = tmp_path / "feeds.db"
    if fate == "deleted":
        file.unlink()
    else:
        shutil.copy(file, tmp_path / "other.db")
        (tmp_path / "other.db").replace(file)
    reply = await client.call("POST", "/v1/notifications/test", 503, json=BODY)
    assert "nothing was stored" in (await reply.json())["message"]
    found = await health(client, 500)
    assert f"was {fate} while it was open; restart the service" in found["store"]["message"]
    assert not found[str(file)]["healthy"]
    assert len(await client.items()) == 1, "reading goes on"


async def test_checks_that_come_together_or_within_a_second_write_once(tmp_path: Path) -> None:
    clock = Clock()
    store = WatchedStore(EmbeddedStore(tmp_path / "feeds.db"))
    check = HealthCheck(store, "notifications", clock=clock)
    for puts, seconds in ((1, 0.0), (1, REUSE_PERIOD / 2), (2, REUSE_PERIOD), (2, REUSE_PERIOD * 1.5)):
        clock.now = seconds
        found = await asyncio.gather(*(check.check() for _ in range(50)))
        assert all(one.well for one in found)
        assert store.asked["put"] == puts
    await store.close()


async def test_one_who_leaves_takes_the_verdict_from_nobody(tmp_path: Path) -> None:
    store = WatchedStore(EmbeddedStore(tmp_path / "feeds.db"))
    check = HealthCheck(store, "notifications")
    store.open.clear()
    leaving, staying = asyncio.ensure_future(check.check()), asyncio.ensure_future(check.check())
    await asyncio.sleep(0)
    leaving.cancel()
    store.open.set()
    assert (await staying).well
    await store.close()


async def test_a_store_that_loses_every_write_is_not_well(tmp_path: Path) -> None:
    store = WatchedStore(EmbeddedStore(tmp_path / "feeds.db"))
    store.lose_requests = 1
    well, parts = await HealthCheck(store, "notifications").check()
    await store.close()
    assert (well, parts["store"]) == (False, "the request was lost")


async def test_a_corrupt_feed_is_shown_and_the_service_stays_in_rotation(client: Client, tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("notifications", "test", b"junk", None)
    await store.close()
    await client.call("GET", "/v1/notifications/test", 500)
    found = await health(client, 200)
    assert found["store"] == {"healthy": True}
    assert found["corrupt values"] == {
        "healthy": False, "message": "read in the last 15 minutes, notifications: 1; the log names them"
    }  # fmt: skip


async def test_a_corrupt_rule_book_is_shown_though_nobody_asked_for_rules(client: Client, tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("rules", "rules", b"junk", None)
    await store.close()
    found = await health(client, 200)
    assert "rules: 1" in found["corrupt values"]["message"]


async def test_a_malformed_file_is_500(open_client: OpenClient, tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("notifications", "test", b"junk", None)
    await store.close()
    damage_index(tmp_path / "feeds.db")
    found = await health(await open_client(), 500)
    assert "malformed" in found["store"]["message"]


async def test_riak_is_written_too_and_no_siblings_are_left(open_client: OpenClient) -> None:
    async with RiakCluster(nodes=1, bucket_types={"notifications": {}}) as cluster:
        for _ in range(3):
            assert (await health(await open_client(on(cluster)), 200))["store"] == {"healthy": True}
        assert cluster.requests(0)["put"] == 3


def test_corrupt_values_are_counted_by_bucket_for_fifteen_minutes_and_no_more_than_so_many() -> None:
    clock = Clock()
    values = CorruptValues(clock)
    assert values.problem() is None
    for bucket in ("rules", "notifications", "rules"):
        values.note(bucket)
    assert "notifications: 1, rules: 2" in str(values.problem())
    clock.now = RECENT + 1
    assert values.problem() is None
    for _ in range(MAX_RECENT + 1):
        values.note("rules")
    assert f"rules: {MAX_RECENT};" in str(values.problem())
