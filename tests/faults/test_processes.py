"""Real processes on one file: concurrency, kill -9, and stopping."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest

from tests.service_process import ServiceProcess
from tests.waiting import until

BODY = {"category": "like", "message": "hello"}


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


async def post(http: aiohttp.ClientSession, url: str, username: str = "user") -> str:
    async with http.post(f"{url}/v1/notifications/{username}", json=BODY) as reply:
        assert reply.status == 201, await reply.text()
        return str((await reply.json())["id"])


async def ids(http: aiohttp.ClientSession, url: str, username: str = "user") -> list[str]:
    async with http.get(f"{url}/v1/notifications/{username}", headers={"Range": "id; max=1000"}) as reply:
        assert reply.status == 206, await reply.text()
        return [item["id"] for item in await reply.json()]


async def test_two_hundred_posts_through_four_processes_are_all_there(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        processes = [ServiceProcess(tmp_path) for _ in range(4)]
        await asyncio.gather(*(stack.enter_async_context(process) for process in processes))
        urls = [process.url for process in processes]
        posted = await asyncio.gather(*(post(http, urls[number % 4]) for number in range(200)))
        for url in urls:
            listed = await ids(http, url)
            assert set(listed) == set(posted)
            assert len(listed) == 200
            assert all(newer > older for newer, older in pairwise(listed))


async def test_whatever_was_acknowledged_before_a_kill_is_there_after_a_restart(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    acknowledged: set[str] = set()
    process = ServiceProcess(tmp_path)
    await process.start()
    for _ in range(20):
        enough = len(acknowledged) + 30
        writers = [asyncio.create_task(post_until_killed(http, process.url, acknowledged)) for _ in range(8)]
        await until(partial(has_grown, acknowledged, enough))
        await process.end(signal.SIGKILL)
        await asyncio.gather(*writers)
        await process.start()
        assert acknowledged <= set(await ids(http, process.url))
    assert await process.end(signal.SIGTERM) == 0


def has_grown(acknowledged: set[str], enough: int) -> bool:
    return len(acknowledged) >= enough


async def post_until_killed(http: aiohttp.ClientSession, url: str, acknowledged: set[str]) -> None:
    try:
        while True:
            acknowledged.add(await post(http, url))
    except aiohttp.ClientError:
        return


async def test_a_stop_finishes_what_is_under_way_and_takes_nothing_new(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with ServiceProcess(tmp_path) as process:
        await post(http, process.url)
        elsewhere = sqlite3.connect(tmp_path / "notification.db", isolation_level=None)
        elsewhere.execute("BEGIN IMMEDIATE")
        under_way = [asyncio.create_task(post(http, process.url, f"user-{number}")) for number in range(20)]
        await asyncio.wait(under_way, timeout=0.2)
        url = process.url
        process.send(signal.SIGTERM)
        await until(lambda: any(line["event"] == "stopping" for line in process.lines))
        async with aiohttp.ClientSession() as newcomer:
            with pytest.raises(aiohttp.ClientError):
                await post(newcomer, url)
        elsewhere.execute("ROLLBACK")
        posted = await asyncio.gather(*under_way)
        assert len(set(posted)) == 20
        assert await process.ended() == 0
        assert process.lines[-1]["event"] == "stopped"
        assert elsewhere.execute("SELECT count(DISTINCT key) FROM siblings").fetchone() == (21,)
        elsewhere.close()


async def test_a_stop_waits_no_longer_than_it_was_told(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text(
        "server: {port: 0, shutdown_timeout: 500 ms}\nrequest_timeout: 1 second\n"
        f"embedded: {{path: {tmp_path}/feeds.db, timeout: 1 second}}\n"
    )
    async with ServiceProcess(tmp_path, config) as process:
        elsewhere = sqlite3.connect(tmp_path / "feeds.db", isolation_level=None)
        elsewhere.execute("BEGIN IMMEDIATE")
        hanging = asyncio.create_task(post(http, process.url))
        await asyncio.wait([hanging], timeout=0.2)
        told = time.monotonic()
        assert await process.end(signal.SIGTERM) == 0
        assert time.monotonic() - told < 10
        with pytest.raises((aiohttp.ClientError, AssertionError)):
            await hanging
        elsewhere.close()


async def test_idle_connections_do_not_hold_up_a_stop(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with ServiceProcess(tmp_path) as process:
        await post(http, process.url)
        told = time.monotonic()
        assert await process.end(signal.SIGTERM) == 0
        assert time.monotonic() - told < 8
