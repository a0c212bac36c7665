"""`/admin`, the pages for operators."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from notification.operations.health import HealthCheck
from notification.storage.embedded.store import EmbeddedStore
from notification.storage.store import Context, Fetched
from tests.http.conftest import Client, OpenClient
from tests.http.test_on_riak import on
from tests.riak_cluster import RiakCluster
from tests.waiting import until
from tests.watched_store import WatchedStore

FAST = {"request_timeout": "300 ms", "deadline": "500 ms"}


@pytest.fixture
async def cluster() -> AsyncIterator[RiakCluster]:
    async with RiakCluster(nodes=3, bucket_types={"notifications": {}}) as cluster:
        yield cluster


async def test_every_link_of_the_menu_leads_somewhere(client: Client) -> None:
    page = await (await client.call("GET", "/admin", 200)).text()
    links = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert {"/admin/ping", "/admin/healthcheck", "/admin/metrics", "/admin/threads", "/metrics"} <= set(links)
    for link in links:
        await client.call("GET", link, 200)


async def test_the_menu_is_html_that_may_load_nothing_from_elsewhere_and_has_nothing_written_into_it(
    client: Client,
) -> None:
    reply = await client.call("GET", "/admin", 200)
    assert reply.content_type == "text/html"
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|<script(?! [^>]*src)| style=| on[a-z]+=|https?://", await reply.text())


@pytest.mark.parametrize(("path", "type_"), [("/web/admin/admin.css", "text/css"), ("/web/icon.svg", "image/svg+xml")])
async def test_files_of_pages_have_their_types(client: Client, path: str, type_: str) -> None:
    reply = await client.call("GET", path, 200)
    assert (reply.content_type, reply.headers["X-Content-Type-Options"]) == (type_, "nosniff")


@pytest.mark.parametrize("path", ["/web/..%2f__init__.py", "/web/%2e%2e/app.py", "/web/nothing.css"])
async def test_no_other_files_are_served(client: Client, path: str) -> None:
    async with client.http.get(path) as reply:
        assert reply.status in (403, 404)


async def test_ping_answers_pong(client: Client) -> None:
    assert await (await client.call("GET", "/admin/ping", 200)).text() == "pong"


async def test_the_healthcheck_has_a_line_for_the_store_and_one_for_its_file(client: Client, tmp_path: Path) -> None:
    reply = await client.call("GET", "/admin/healthcheck", 200)
    assert await reply.json() == {"store": {"healthy": True}, f"{tmp_path}/feeds.db": {"healthy": True}}
    assert len((await reply.text()).splitlines()) == 4, "braces, and a line per part"
    assert reply.headers["Cache-Control"] == "no-store"


async def test_a_file_that_can_not_be_written_is_500_with_the_reason(open_client: OpenClient, tmp_path: Path) -> None:
    client = await open_client()
    store = EmbeddedStore(tmp_path / "feeds.db", timeout=0.05)
    elsewhere = sqlite3.connect(tmp_path / "feeds.db", isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    well, parts = await HealthCheck(store, "notifications").check()
    elsewhere.execute("ROLLBACK")
    elsewhere.close()
    await store.close()
    assert not well
    assert "locked" in str(parts[str(tmp_path / "feeds.db")])
    await client.call("GET", "/admin/healthcheck", 200)


async def test_each_riak_node_has_a_line(open_client: OpenClient, cluster: RiakCluster) -> None:
    client = await open_client(on(cluster))
    health = await (await client.call("GET", "/admin/healthcheck", 200)).json()
    assert health == {"store": {"healthy": True}, **{node: {"healthy": True} for node in cluster.addresses}}


@pytest.mark.parametrize("fault", ["kill", "hang"])
async def test_one_node_that_fails_is_shown_and_does_not_make_the_service_unhealthy(
    open_client: OpenClient, cluster: RiakCluster, fault: str
) -> None:
    client = await open_client(on(cluster, **FAST))
    getattr(cluster, fault)(1)
    health = await (await client.call("GET", "/admin/healthcheck", 200)).json()
    assert [health[node]["healthy"] for node in cluster.addresses] == [True, False, True]
    assert health[cluster.addresses[1]]["message"]


@pytest.mark.parametrize("fault", ["kill", "hang"])
async def test_without_any_node_it_is_500(open_client: OpenClient, cluster: RiakCluster, fault: str) -> None:
    client = await open_client(on(cluster, **FAST))
    for node in range(3):
        getattr(cluster, fault)(node)
    health = await (await client.call("GET", "/admin/healthcheck", 500)).json()
    assert not any(part["healthy"] for part in health.values())


async def test_a_store_that_never_answers_does_not_hold_up_the_healthcheck(tmp_path: Path) -> None:
    class Silent(WatchedStore):
        async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
            return await asyncio.Future()

        async def health(self) -> Mapping[str, str | None]:
            return await asyncio.Future()

    embedded = EmbeddedStore(tmp_path / "feeds.db")
    well, parts = await HealthCheck(Silent(embedded), "notifications", timeout=0.05).check()
    await embedded.close()
    assert (well, parts) == (False, {"store": "no answer within 0.05 s"})


async def test_threads_tells_of_a_task_where_it_waits_and_of_threads_where_they_are(client: Client) -> None:
    async def wait_for_the_test(done: asyncio.Event) -> None:
        await done.wait()

    done = asyncio.Event()
    task = asyncio.create_task(wait_for_the_test(done), name="a task of the test")
    await until(lambda: bool(getattr(done, "_waiters", ())))
    text = await (await client.call("GET", "/admin/threads", 200)).text()
    done.set()
    await task
    waiting = text.partition("a task of the test\n")[2].splitlines()
    assert re.fullmatch(r" +tests\.http\.test_admin\..*wait_for_the_test:\d+", waiting[0])
    assert re.fullmatch(r" +asyncio\.locks\.Event\.wait:\d+", waiting[1])
    assert "\ncommits\n" in text.partition("# threads")[2], "the thread that writes the file"
