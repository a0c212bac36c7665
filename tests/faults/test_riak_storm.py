"""Four instances on a cluster with random faults of all kinds keep every acknowledged change.

If `RIAK_NODES` is set, the test also runs on that cluster, which has to supply its own faults.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.faults.storm import USERS, Faults, Promises, Writer
from tests.riak_cluster import RiakCluster
from tests.service_process import ServiceProcess
from tests.waiting import until

SECONDS = float(os.environ.get("FAULT_SECONDS", "60"))
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(10**6))))
INSTANCES, WRITERS, NODES = 4, 8, 3


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as session:
        yield session


@pytest.mark.long
@pytest.mark.timeout(SECONDS + 120)
async def test_promises_are_kept_while_nodes_die_and_the_cluster_is_parted(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    print(f"FAULT_SEED={SEED}")
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(
            RiakCluster(nodes=NODES, seed=SEED, bucket_types={"notifications": {}})
        )
        urls = await _instances(stack, tmp_path, ",".join(cluster.addresses), "notifications")
        faults = Faults(cluster, NODES, SEED)
        end = time.monotonic() + SECONDS
        promises, _ = await asyncio.gather(_write(http, urls, end), faults.happen_until(end))
        print(dict(promises.statuses), dict(faults.happened))
        await cluster.settled(60)
        await _check(http, urls, promises)
        strange = [span for span in promises.unavailable if not any(_overlap(span, fewer) for fewer in faults.fewer)]
        assert strange == [], f"503 while a quorum could answer, FAULT_SEED={SEED}"


@pytest.mark.skipif("RIAK_NODES" not in os.environ, reason="RIAK_NODES names no cluster")
@pytest.mark.timeout(SECONDS + 120)
async def test_promises_are_kept_on_a_real_cluster(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        bucket_type = os.environ.get("RIAK_BUCKET_TYPE", "")
        urls = await _instances(stack, tmp_path, os.environ["RIAK_NODES"], bucket_type)
        promises = await _write(http, urls, time.monotonic() + SECONDS)
        await _check(http, urls, promises)


async def _instances(stack: AsyncExitStack, data: Path, nodes: str, bucket_type: str) -> list[str]:
    config = data / "config.yml"
    config.write_text(
        "server: {port: 0}\nstorage: riak\n"
        f"riak: {{nodes: '{nodes}', bucket_type: '{bucket_type}', request_timeout: 1 second}}\n"
    )
    processes = [ServiceProcess(data, config) for _ in range(INSTANCES)]
    await asyncio.gather(*(stack.enter_async_context(process) for process in processes))
    return [process.url for process in processes]


async def _write(http: aiohttp.ClientSession, urls: list[str], end: float) -> Promises:
    promises = Promises()
    writers = [Writer(http, urls, promises, SEED + number) for number in range(WRITERS)]
    await asyncio.gather(*(writer.write_until(end) for writer in writers))
    assert promises.statuses[500] == 0
    return promises


async def _check(http: aiohttp.ClientSession, urls: list[str], promises: Promises) -> None:
    for user in USERS:
        lists: list[list[str]] = []

        async def agree(user: str = user, lists: list[list[str]] = lists) -> bool:
            lists[:] = [await _ids(http, url, user) for url in urls]
            return all(listed == lists[0] for listed in lists)

        await until(agree, 30)
        listed = lists[0]
        window = sorted(promises.created[user])[-1000:]
        missing = set(window) - set(listed) - promises.perhaps_removed[user]
        assert not missing, f"{user} lost {missing}, FAULT_SEED={SEED}"
        assert not promises.removed[user] & set(listed), f"{user} has removed ones back, FAULT_SEED={SEED}"
        assert listed == sorted(set(listed), reverse=True)
        if promises.cursors[user]:
            for url in urls:
                async with http.get(f"{url}/v1/cursors/{user}/reader") as reply:
                    assert (await reply.json())["value"] >= promises.cursors[user], f"FAULT_SEED={SEED}"


async def _ids(http: aiohttp.ClientSession, url: str, user: str) -> list[str]:
    async with http.get(f"{url}/v1/notifications/{user}?peek=true", headers={"Range": "id; max=1000"}) as reply:
        return [item["id"] for item in await reply.json()] if reply.status == 206 else []


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
