"""One process and several processes serve the sockets that systemd passes (`LISTEN_FDS`)."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

PROGRAM = """
import os, sys
for number, name in enumerate(sys.argv[1].split(","), 3):
    os.dup2(int(name), number)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, "-m", "notification", "server", sys.argv[2]])
"""


@asynccontextmanager
async def activated(
    sockets: list[socket.socket], config: Path, names: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service, started as systemd starts it: the sockets are descriptors 3 and up."""
    spare = [os.dup(one.fileno()) for one in sockets]
    high = [os.dup2(number, 100 + index) for index, number in enumerate(spare)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, ",".join(map(str, high)), str(config),
        pass_fds=high, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": names},
    )  # fmt: skip
    for number in (*spare, *high):
        os.close(number)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def write_config(folder: Path, **server: object) -> Path:
    path = folder / "config.yml"
    path.write_text(f"server: {json.dumps(server)}\nembedded: {{path: {folder}/feeds.db}}\n")
    return path


@pytest.mark.parametrize("workers", [1, 2])
async def test_the_service_answers_on_the_socket_that_systemd_passes(tmp_path: Path, workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as passed:
        url = f"http://127.0.0.1:{passed.getsockname()[1]}"
        async with activated([passed], write_config(tmp_path, workers=workers), "web") as process:
            # A client that connects before the service starts waits in the socket's queue.
            async with aiohttp.ClientSession() as http, http.get(f"{url}/ping") as reply:
                assert await reply.text() == "pong"
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_a_socket_named_admin_is_for_operators_alone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as public, socket.create_server(("127.0.0.1", 0)) as admin:
        urls = [f"http://127.0.0.1:{one.getsockname()[1]}/metrics" for one in (public, admin)]
        async with (
            activated([public, admin], write_config(tmp_path, admin_port=0), "web:admin"),
            aiohttp.ClientSession() as http,
        ):
            for url, status in zip(urls, (404, 200), strict=True):
                async with http.get(url) as reply:
                    assert reply.status == status


async def test_a_socket_that_can_not_be_served_ends_the_service_with_the_reason(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as passed:
        async with activated([passed], write_config(tmp_path), "web") as process:
            assert process.stderr
            assert b"not a TCP socket" in await asyncio.wait_for(process.stderr.read(), 30)
            assert await process.wait() == 1
