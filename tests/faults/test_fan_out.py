"""A fan-out is interrupted and repeated with its key. Afterwards, every user has the notification exactly once."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.faults.instances import Instances, on_riak
from tests.riak_cluster import RiakCluster
from tests.waiting import until

NODES = 3
DEADLINE = 2.0
"""Maximum seconds of a change on the cluster."""


@pytest.fixture
async def cluster() -> AsyncIterator[RiakCluster]:
    async with RiakCluster(NODES, bucket_types={"notifications": {}}) as cluster:
        yield cluster


def users(number: int, prefix: str = "user") -> list[str]:
    return [f"{prefix}-{place}" for place in range(number)]


async def fan_out(instances: Instances, number: int, usernames: Sequence[str]) -> dict[str, Any]:
    """Return the outcome by username: the id of the notification, or the code of the error."""
    body = {"usernames": usernames, "category": "news", "message": "Version 2 is here"}
    async with instances.ask(number, "POST", "/v1/notifications", json=body, key="version-2") as reply:
        assert reply.status == 200, await reply.text()
        results = (await reply.json())["results"]
    assert [result["username"] for result in results] == list(usernames)
    return {result["username"]: result.get("id", result.get("code")) for result in results}


async def finished(instances: Instances, number: int, usernames: Sequence[str]) -> dict[str, str]:
    """Repeat a fan-out until no user has a 503, and return the ids by username."""
    results: dict[str, Any] = {}

    async def is_finished() -> bool:
        before = {user: id_ for user, id_ in results.items() if id_ != 503}
        results.update(await fan_out(instances, number, usernames))
        assert results.items() >= before.items()
        return 503 not in results.values()

    await until(is_finished, 60)
    return results


async def held(instances: Instances, number: int, usernames: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids in each feed, as one of the processes shows them."""
    turns = asyncio.Semaphore(32)

    async def ids(user: str) -> list[str]:
        found: list[str] = []

        async def answers() -> bool:
            path = f"/v1/notifications/{user}?peek=true"
            async with instances.ask(number, "GET", path) as reply:
                assert reply.status in {200, 404, 503}, await reply.text()
                found[:] = [item["id"] for item in await reply.json()] if reply.status == 200 else []
                return reply.status != 503

        async with turns:
            await until(answers, 60)
        return found

    return dict(zip(usernames, await asyncio.gather(*map(ids, usernames)), strict=True))


async def has_one(instances: Instances, number: int, user: str) -> bool:
    return len(await instances.items(number, user)) == 1


async def broken_off(instances: Instances, usernames: Sequence[str]) -> dict[str, str]:
    """Kill the first process during a fan-out, and start it again. Return the ids that were stored, by username."""
    under_way = asyncio.create_task(fan_out(instances, 0, usernames))
    await until(partial(has_one, instances, 1, usernames[0]))
    await instances.processes[0].end(signal.SIGKILL)
    with pytest.raises(aiohttp.ClientError):
        await under_way
    await instances.processes[0].start()
    stored = await held(instances, 1, usernames)
    return {user: id_ for user, ids in stored.items() for id_ in ids}


async def half_done(instances: Instances) -> tuple[list[str], dict[str, str]]:
    """Return a thousand users, and the ids of those who have their notification. Retry if the kill comes too late."""
    for attempt in range(4):
        usernames = users(1000, f"user-{attempt}")
        try:
            stored = await broken_off(instances, usernames)
        except pytest.fail.Exception:
            continue
        if 0 < len(stored) < len(usernames):
            return usernames, stored
    raise AssertionError("the process was never killed half-way")


async def test_a_fan_out_is_finished_by_repeating_it_after_a_kill(tmp_path: Path) -> None:
    async with Instances(2, tmp_path) as instances:
        usernames, stored = await half_done(instances)
        repeated = await fan_out(instances, 0, usernames)
        assert repeated.items() >= stored.items()
        assert await fan_out(instances, 1, usernames) == repeated
        assert await held(instances, 1, usernames) == {user: [id_] for user, id_ in repeated.items()}


async def interrupted(instances: Instances, cluster: RiakCluster, usernames: Sequence[str]) -> dict[str, Any]:
    """Return the reply to a fan-out during which all nodes were down. They are up again afterwards."""
    under_way = asyncio.create_task(fan_out(instances, 0, usernames))
    await until(lambda: sum(cluster.requests(node)["put"] for node in range(NODES)) > len(usernames) // 3)
    for node in range(NODES):
        cluster.kill(node)
    reply = await under_way
    for node in range(NODES):
        cluster.start(node)
    return reply


async def until_well(instances: Instances) -> None:
    """Wait until every process reaches the cluster again."""

    async def is_well(number: int) -> bool:
        async with instances.ask(number, "GET", "/v1/notifications/nobody") as reply:
            return reply.status == 404

    for number in range(len(instances)):
        await until(partial(is_well, number), 60)


async def test_a_fan_out_is_finished_by_repeating_it_after_an_outage(tmp_path: Path, cluster: RiakCluster) -> None:
    usernames = users(300)
    config = on_riak(tmp_path, cluster, deadline=f"{DEADLINE * 1000:.0f} ms")
    async with Instances(2, tmp_path, config) as instances:
        reply = await interrupted(instances, cluster, usernames)
        told = {user: id_ for user, id_ in reply.items() if id_ != 503}
        assert 0 < len(told) < len(usernames)
        await until_well(instances)
        repeated = await finished(instances, 1, usernames)
        assert repeated.items() >= told.items()
        for number in range(len(instances)):
            assert await held(instances, number, usernames) == {user: [id_] for user, id_ in repeated.items()}


async def test_a_fan_out_without_a_cluster_is_answered_soon(tmp_path: Path, cluster: RiakCluster) -> None:
    config = on_riak(tmp_path, cluster, deadline=f"{DEADLINE * 1000:.0f} ms")
    async with Instances(1, tmp_path, config) as instances:
        for node in range(NODES):
            cluster.kill(node)
        began = time.monotonic()
        assert set((await fan_out(instances, 0, users(1000))).values()) == {503}
        assert time.monotonic() - began < 8 * DEADLINE
