"""Several worker processes on one port: they serve together, are replaced when they die, and stop together."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from notification.runtime.supervisor import Pauses
from tests.cli.test_command_line import run
from tests.faults.crowd import connections
from tests.faults.test_stopping import BODY as UPLOADED
from tests.faults.test_stopping import UPLOAD
from tests.service_process import ServiceProcess
from tests.waiting import until

BODY = {"category": "like", "message": "hello"}


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Each request opens a new connection, so that any worker can get it."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True)) as session:
        yield session


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[ServiceProcess]:
    async with ServiceProcess(tmp_path, config(tmp_path)) as process:
        yield process


def config(folder: Path, **server: object) -> Path:
    """A configuration with two workers."""
    path = folder / "config.yml"
    settings = json.dumps({"port": 0, "workers": 2, **server})
    path.write_text(
        f"server: {settings}\nrequest_timeout: 1 second\nembedded: {{path: {folder}/feeds.db, timeout: 1 second}}\n"
    )
    return path


async def post(http: aiohttp.ClientSession, url: str, username: str = "user") -> str:
    async with http.post(f"{url}/v1/notifications/{username}", json=BODY) as reply:
        assert reply.status == 201, await reply.text()
        return str((await reply.json())["id"])


async def metric(http: aiohttp.ClientSession, url: str, name: str) -> float:
    async with http.get(f"{url}/metrics") as reply:
        families = text_string_to_metric_families(await reply.text())
    return sum(sample.value for family in families for sample in family.samples if sample.name == name)


async def worker_of(http: aiohttp.ClientSession, url: str) -> int:
    """Return the id of the process that answers a request."""
    async with http.get(f"{url}/admin/threads") as reply:
        return int((await reply.text()).split()[1])


async def workers(http: aiohttp.ClientSession, url: str) -> set[int]:
    """Return the process ids of both workers, once each has answered."""
    found: set[int] = set()

    async def both() -> bool:
        found.update(await asyncio.gather(*(worker_of(http, url) for _ in range(8))))
        return len(found) == 2

    await until(both, 30)
    return found


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


async def test_all_workers_serve_one_port_and_one_store(http: aiohttp.ClientSession, service: ServiceProcess) -> None:
    assert len(await workers(http, service.url)) == 2
    posted = await asyncio.gather(*(post(http, service.url) for _ in range(40)))
    async with http.get(f"{service.url}/v1/notifications/user", headers={"Range": "id; max=1000"}) as reply:
        listed = [item["id"] for item in await reply.json()]
    assert set(listed) == set(posted)
    assert listed == sorted(listed, reverse=True)


async def test_metrics_are_the_sums_over_all_workers_whoever_is_asked(
    http: aiohttp.ClientSession, service: ServiceProcess
) -> None:
    await workers(http, service.url)
    await asyncio.gather(*(post(http, service.url) for _ in range(20)))
    told = await asyncio.gather(*(metric(http, service.url, "notification_created_total") for _ in range(8)))
    assert set(told) == {20}
    assert await metric(http, service.url, "notification_workers") == 2


async def test_a_worker_that_dies_is_replaced_and_no_counter_goes_back(
    http: aiohttp.ClientSession, service: ServiceProcess
) -> None:
    before = await workers(http, service.url)
    await asyncio.gather(*(post(http, service.url) for _ in range(20)))
    os.kill(min(before), signal.SIGKILL)

    async def replaced() -> bool:
        return await metric(http, service.url, "notification_worker_starts_total") == 3

    await until(replaced, 30)
    after = await workers(http, service.url)
    assert len(after & before) == 1
    assert await metric(http, service.url, "notification_created_total") == 20
    assert await metric(http, service.url, "notification_workers") == 2
    (line,) = [line for line in service.lines if line["event"].startswith("worker ended")]
    assert (line["code"], line["pause"]) == (-9, 0.1)


async def test_requests_are_answered_while_a_worker_is_missing(
    http: aiohttp.ClientSession, service: ServiceProcess
) -> None:
    for victim in await workers(http, service.url):
        os.kill(victim, signal.SIGKILL)
        await until(lambda victim=victim: gone(victim))  # type: ignore[misc]
        assert await post(http, service.url)


async def test_sigterm_stops_all_and_what_is_under_way_is_finished(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with ServiceProcess(tmp_path, config(tmp_path)) as service:
        pids = await workers(http, service.url)
        elsewhere = sqlite3.connect(tmp_path / "feeds.db", isolation_level=None)
        elsewhere.execute("BEGIN IMMEDIATE")
        under_way = [asyncio.create_task(post(http, service.url, f"user-{number}")) for number in range(10)]
        await asyncio.wait(under_way, timeout=0.2)
        service.send(signal.SIGTERM)
        await until(lambda: sum(line["event"] == "stopping" for line in service.lines) == 3)
        elsewhere.execute("ROLLBACK")
        elsewhere.close()
        assert len(set(await asyncio.gather(*under_way))) == 10
        assert await service.ended() == 0
        assert all(map(gone, pids))
        assert [line["event"] for line in service.lines].count("stopped") == 3


async def test_a_worker_that_does_not_stop_is_killed(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with ServiceProcess(tmp_path, config(tmp_path, shutdown_timeout="100 ms")) as service:
        stuck = min(await workers(http, service.url))
        os.kill(stuck, signal.SIGSTOP)
        assert await service.end(signal.SIGTERM) == 0
        assert gone(stuck)


async def test_workers_end_when_their_parent_is_killed(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with ServiceProcess(tmp_path, config(tmp_path)) as service:
        pids = await workers(http, service.url)
        await service.end(signal.SIGKILL)
        await until(lambda: all(map(gone, pids)), 30)


async def test_lines_in_the_log_tell_which_worker_wrote_them(
    http: aiohttp.ClientSession, service: ServiceProcess
) -> None:
    await post(http, service.url)
    await until(lambda: any(line["event"] == "request" for line in service.lines))
    (line,) = [line for line in service.lines if line["event"] == "request"]
    assert line["worker"] in (1, 2)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("server", str(config(tmp_path, port=taken.getsockname()[1])))
    assert done.returncode == 1
    assert "address already in use" in done.stderr


def test_a_store_that_no_worker_can_open_ends_all_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "feeds.db").write_bytes(b"no database, but long enough to look like one" * 50)
    done = run("server", str(config(tmp_path)))
    assert done.returncode == 1
    assert "can't be opened" in done.stderr
    assert "does not come up" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_that_dies_young_again_and_again_is_left_alone_for_longer_and_longer() -> None:
    pauses = Pauses()
    assert [pauses.after(1.0) for _ in range(11)] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]


def test_a_worker_that_had_lived_for_long_is_replaced_soon() -> None:
    pauses = Pauses()
    for _ in range(5):
        pauses.after(1.0)
    assert [pauses.after(3600.0), pauses.after(1.0)] == [0.1, 0.2]


async def test_a_worker_that_hangs_is_killed_and_replaced(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with ServiceProcess(tmp_path, config(tmp_path, worker_timeout="1 second")) as service:
        before = await workers(http, service.url)
        stuck = min(before)
        os.kill(stuck, signal.SIGSTOP)
        await until(lambda: gone(stuck), 30)
        await until(lambda: any(line["event"] == "worker hangs and is killed" for line in service.lines))

        async def replaced() -> bool:
            return await metric(http, service.url, "notification_workers") == 2

        await until(replaced, 30)
        assert stuck not in await workers(http, service.url)
        assert await post(http, service.url)


def reloaded(service: ServiceProcess) -> bool:
    return any(line["event"] == "reloaded" for line in service.lines)


@pytest.mark.parametrize("count", [1, 2])
async def test_a_reload_applies_the_configuration_and_finishes_what_is_in_progress(
    http: aiohttp.ClientSession, tmp_path: Path, count: int
) -> None:
    async with ServiceProcess(tmp_path, config(tmp_path, workers=count)) as service:
        first = await post(http, service.url)
        async with connections(service.url, 1, UPLOAD + UPLOADED[:20]) as ((reader, writer),):
            config(tmp_path, workers=count, max_body=100)
            service.send(signal.SIGHUP)
            await until(lambda: reloaded(service), 30)
            writer.write(UPLOADED[20:])
            assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 201 ")

        async def applied() -> bool:
            body = {**BODY, "message": "x" * 200}
            async with http.post(f"{service.url}/v1/notifications/user", json=body) as reply:
                return reply.status == 413

        await until(applied, 30)
        async with http.get(f"{service.url}/v1/notifications/user?peek=true") as reply:
            assert first in [item["id"] for item in await reply.json()]
        assert await service.end(signal.SIGTERM) == 0


async def test_a_reload_refuses_no_connection(http: aiohttp.ClientSession, service: ServiceProcess) -> None:
    before = await workers(http, service.url)
    service.send(signal.SIGHUP)
    while not (reloaded(service) and all(map(gone, before))):
        assert await post(http, service.url)
    assert not before & await workers(http, service.url)
    created = await metric(http, service.url, "notification_created_total")
    await until(lambda: created == len([line for line in service.lines if line.get("method") == "POST"]))


@pytest.mark.parametrize("count", [1, 2])
async def test_a_reload_changes_the_number_of_workers(http: aiohttp.ClientSession, tmp_path: Path, count: int) -> None:
    async with ServiceProcess(tmp_path, config(tmp_path, workers=3 - count)) as service:
        config(tmp_path, workers=count)
        service.send(signal.SIGHUP)
        await until(lambda: reloaded(service), 30)

        async def changed() -> bool:
            return await metric(http, service.url, "notification_workers") == count

        await until(changed, 30)
        assert await service.end(signal.SIGTERM) == 0


BAD = {
    "wrong": ("server: {workers: none}\n", "must be a whole number"),
    "port": ("server: {port: 1, workers: 2}\n", "needs a restart"),
    "store": ("embedded: {path: %s/no-database}\nserver: {port: 0, workers: 2}\n", "does not come up"),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_configuration_that_can_not_serve_is_logged_and_the_old_one_continues(
    http: aiohttp.ClientSession, tmp_path: Path, service: ServiceProcess, kind: str
) -> None:
    before = await workers(http, service.url)
    (tmp_path / "no-database").write_bytes(b"no database, but long enough to look like one" * 50)
    text, reason = BAD[kind]
    (tmp_path / "config.yml").write_text(text.replace("%s", str(tmp_path)))
    service.send(signal.SIGHUP)
    await until(lambda: any(line["event"] == "the configuration is not reloaded" for line in service.lines), 30)
    (line,) = [line for line in service.lines if line["event"] == "the configuration is not reloaded"]
    assert reason in " ".join(line["reasons"])
    assert await workers(http, service.url) == before
    assert await post(http, service.url)
