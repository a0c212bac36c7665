"""During and after a minute of 2000 hostile clients, others are served, memory is freed, and the service can stop."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles

import aiohttp
import pytest

from tests.faults.hostile import FULL
from tests.service_process import ROOT, ServiceProcess
from tests.waiting import until

CLIENTS = int(os.environ.get("HOSTILE_CLIENTS", "2000"))
SECONDS = float(os.environ.get("HOSTILE_SECONDS", "60"))
SHUTDOWN = 5.0
MORE_MEMORY = 150 * 2**20
BODY = {"category": "like", "message": "hello"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[ServiceProcess]:
    server = json.dumps(
        {"port": 0, "header_timeout": "5 s", "body_timeout": "10 s", "write_timeout": "5 s", "shutdown_timeout": "5 s"}
    )
    path = tmp_path / "config.yml"
    path.write_text(f"server: {server}\nlogging: {{requests: false}}\nembedded: {{path: {tmp_path}/feeds.db}}\n")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[1], 4096), before[1]))
    process = ServiceProcess(tmp_path, path)
    await process.start()
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
    yield process
    await process.__aexit__()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


@asynccontextmanager
async def attack(url: str, seconds: float) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the hostile clients in a separate process."""
    command = [sys.executable, "-m", "tests.faults.hostile", url, str(CLIENTS), str(seconds)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def p99(http: aiohttp.ClientSession, url: str, seconds: float) -> float:
    """Return the 99th percentile of the seconds that a create and a page take for other users."""
    took: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        user = f"user-{len(took) % 50}"
        began = time.perf_counter()
        async with http.post(f"{url}/v1/notifications/{user}", json=BODY) as reply:
            assert reply.status == 201
        async with http.get(f"{url}/v1/notifications/{user}") as reply:
            assert reply.status == 200
            await reply.read()
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.05)
    return quantiles(took, n=100)[98] if len(took) > 1 else took[0]


async def pid_of(http: aiohttp.ClientSession, url: str) -> int:
    async with http.get(f"{url}/admin/threads") as reply:
        return int((await reply.text()).split()[1])


def memory(pid: int, line: str) -> int:
    """Return a figure of the process's status in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition(f"{line}:")[2].split()[0]) * 1024


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def fill(http: aiohttp.ClientSession, url: str) -> None:
    for _ in range(300):
        body = {**BODY, "properties": {"text": "x" * 4000}}
        async with http.post(f"{url}/v1/notifications/{FULL}", json=body) as reply:
            assert reply.status == 201


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_hostile_clients_cost_others_little(service: ServiceProcess, http: aiohttp.ClientSession) -> None:
    await fill(http, service.url)
    pid = await pid_of(http, service.url)
    quiet = await p99(http, service.url, min(SECONDS, 10))
    resident, open_before = memory(pid, "VmRSS"), descriptors(pid)
    async with attack(service.url, SECONDS + 2):
        await asyncio.sleep(2)
        loud = await p99(http, service.url, SECONDS)
        grown = memory(pid, "VmHWM") - resident
    await until(lambda: descriptors(pid) <= open_before + 2, 30)
    async with attack(service.url, 60):
        await until(lambda: descriptors(pid) > min(CLIENTS, 200), 30)
        began = time.monotonic()
        assert await service.end(signal.SIGTERM) == 0
        took = time.monotonic() - began
    print(f"p99 {quiet:.4f} s, then {loud:.4f} s; {grown / 2**20:.0f} MiB more; stopped in {took:.2f} s")
    assert [line for line in service.lines if line.get("level") == "error" or line["event"] == "defect"] == []
    assert grown < MORE_MEMORY
    assert took < SHUTDOWN + 1
