"""The number of connections is bounded: further clients wait until another one leaves, and the log reports this."""

import asyncio
import json
import os
import resource
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.faults.crowd import connections
from tests.service_process import ServiceProcess
from tests.waiting import until

FULL = "no room for more connections"
EXHAUSTED = "no connection can be accepted"


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True)) as session:
        yield session


def config(folder: Path, **server: object) -> Path:
    path = folder / "config.yml"
    settings = json.dumps({"port": 0, **server})
    path.write_text(f"server: {settings}\nembedded: {{path: {folder}/feeds.db}}\n")
    return path


async def ping(http: aiohttp.ClientSession, url: str) -> None:
    async with http.get(f"{url}/ping", timeout=aiohttp.ClientTimeout(20)) as reply:
        assert reply.status == 200


async def pid_of(http: aiohttp.ClientSession, url: str) -> int:
    async with http.get(f"{url}/admin/threads") as reply:
        return int((await reply.text()).split()[1])


def count(service: ServiceProcess, event: str) -> int:
    return sum(line["event"] == event for line in service.lines)


@contextmanager
def descriptors(number: int) -> Iterator[None]:
    """Set the limit on open files for processes that start now."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("workers", [1, 2])
async def test_beyond_the_bound_clients_are_served_once_slow_ones_are_cut_off(
    http: aiohttp.ClientSession, tmp_path: Path, workers: int
) -> None:
    settings = config(tmp_path, max_connections=10, header_timeout="1 s", workers=workers)
    async with ServiceProcess(tmp_path, settings) as service, connections(service.url, 40):
        await until(lambda: count(service, FULL) > 0)
        await ping(http, service.url)
        assert count(service, FULL) <= 5 * workers


async def test_the_bound_is_below_the_descriptor_limit(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    with descriptors(256):
        service = ServiceProcess(tmp_path, config(tmp_path, header_timeout="1 s"))
        await service.start()
    try:
        async with connections(service.url, 300):
            await until(lambda: count(service, FULL) > 0)
            await ping(http, service.url)
        (line, *_) = [line for line in service.lines if line["event"] == FULL]
        assert line["bound"] == 256 - 128
        assert count(service, EXHAUSTED) == 0
    finally:
        await service.__aexit__()


async def test_a_bound_above_the_descriptor_limit_is_lowered_and_told(tmp_path: Path) -> None:
    with descriptors(256):
        service = ServiceProcess(tmp_path, config(tmp_path, max_connections=5000))
        await service.start()
    await service.__aexit__()
    (line,) = [line for line in service.lines if "above the descriptor limit" in line["event"]]
    assert (line["max_connections"], line["bound"]) == (5000, 128)


async def test_without_a_descriptor_left_it_says_so_and_goes_on_once_there_is_one(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with ServiceProcess(tmp_path, config(tmp_path)) as service:
        pid = await pid_of(http, service.url)
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        used = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208  # it waits for nothing
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 5, before[1]))
        async with connections(service.url, 20):
            await until(lambda: count(service, EXHAUSTED) > 0)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        await ping(http, service.url)
        assert count(service, EXHAUSTED) <= 3


async def test_operators_have_a_port_of_their_own_with_room_of_its_own(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    settings = config(tmp_path, admin_port=0, max_connections=3, workers=2)
    async with ServiceProcess(tmp_path, settings) as service:
        (admin,) = [line["admin_url"] for line in service.lines if "admin_url" in line]
        for path in ("/admin", "/admin/", "/metrics", "/admin/metrics", "/admin/threads", "/admin/healthcheck"):
            async with http.get(service.url + path) as public, http.get(admin + path) as operators:
                assert (public.status, operators.status) == (404, 200), path
        async with http.get(f"{admin}/web/admin/main.js") as file, http.get(f"{admin}/ping") as pong:
            assert (file.status, pong.status) == (200, 200)
        async with http.get(f"{admin}/v1/notifications/test") as reply:
            assert reply.status == 404
        async with http.get(service.url, headers={"Accept": "application/json"}) as home:
            assert "admin" not in (await home.json())["links"]
        async with connections(service.url, 20):
            await until(lambda: count(service, FULL) > 0)
            await ping(http, admin)


async def test_an_admin_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = config(tmp_path, admin_port=taken.getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "notification", "server", str(path)), stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert b"address already in use" in said
