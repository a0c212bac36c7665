"""The stand-in as a process of its own."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.riak_cluster_tests.client import PATIENCE, Client, ReplyError


class Process:
    """A running cluster, and its control channel."""

    def __init__(self, process: asyncio.subprocess.Process, told: dict[str, str]) -> None:
        self.process = process
        self.addresses = told["addresses"].split(",")
        self.control = told["control"]

    async def do(self, order: dict[str, Any]) -> Any:
        """Give one order; returns what comes back."""
        host, _, port = self.control.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            answer = json.loads(await reader.readline())
        writer.close()
        await writer.wait_closed()
        return answer


@asynccontextmanager
async def running(*options: str) -> AsyncIterator[Process]:
    command = (sys.executable, "-m", "tests.riak_cluster", "--control", "0", "--bucket-type", "multi", *options)
    process = await asyncio.create_subprocess_exec(*command, stdin=-1, stdout=-1)
    assert process.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            told = dict([(await process.stdout.readline()).decode().split() for _ in range(2)])
        yield Process(process, told)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_serves_and_takes_orders() -> None:
    async with running() as cluster, Client(cluster.addresses[2]) as client:
        await client.put("k", b"v")
        assert await cluster.do({"do": "siblings", "bucket": "b", "key": "k"}) == {"ok": [b"v".hex()]}
        assert await cluster.do({"do": "requests", "node": 2}) == {"ok": {"put": 1}}
        assert await cluster.do({"do": "starting", "node": 2}) == {"ok": None}
        with pytest.raises(ReplyError, match="Unknown message code"):
            await client.get("k")


async def test_nodes_are_killed_and_started_by_order() -> None:
    async with running("--nodes", "2") as cluster:
        await cluster.do({"do": "kill", "node": 1})
        with pytest.raises(ConnectionRefusedError):
            await Client(cluster.addresses[1]).__aenter__()
        assert await cluster.do({"do": "start", "node": 1}) == {"ok": None}
        async with Client(cluster.addresses[1]) as client:
            assert await client.ask(1) == 2


@pytest.mark.parametrize(
    "order", [{"do": "__aexit__"}, {"do": "kill", "node": 9}, {"do": "kill"}, {"do": "part", "sides": [[0]]}, {}, []]
)
async def test_an_order_that_makes_no_sense_is_answered_with_an_error(order: Any) -> None:
    async with running() as cluster:
        assert list(await cluster.do(order)) == ["error"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_well_on_a_signal(number: signal.Signals) -> None:
    async with running() as cluster:
        cluster.process.send_signal(number)
        assert await asyncio.wait_for(cluster.process.wait(), PATIENCE) == 0


async def test_it_ends_with_its_input_if_told_to() -> None:
    async with running("--until-eof") as cluster:
        assert cluster.process.stdin
        cluster.process.stdin.close()
        assert await asyncio.wait_for(cluster.process.wait(), PATIENCE) == 0


async def test_it_listens_on_the_ports_it_is_given() -> None:
    async with running("--nodes", "2") as first:
        ports = [address.partition(":")[2] for address in first.addresses]
    async with running("--ports", ",".join(ports)) as second:
        assert second.addresses == first.addresses
