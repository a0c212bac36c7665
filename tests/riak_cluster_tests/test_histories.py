"""Many writers, and everything that can go wrong: what was acknowledged is there in the end."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import pytest

from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.client import Client, ReplyError
from tests.riak_standin.members import Timing

KEYS = ("one", "two", "three")
WRITERS = 8
ENOUGH = 100
"""So many writes of each key are to be acknowledged before disasters end, however busy the machine."""


@dataclass
class History:
    """What writers know of a key. Each adds an element to all that it has read, so what a value says must last."""

    acknowledged: set[bytes] = field(default_factory=set)
    attempted: set[bytes] = field(default_factory=set)
    replaced: set[bytes] = field(default_factory=set)


async def write_on(cluster: RiakCluster, writer: int, histories: dict[str, History], stop: asyncio.Event) -> None:
    random = Random(writer)
    number = 0
    while not stop.is_set():
        with suppress(OSError, EOFError, TimeoutError, ReplyError):
            async with asyncio.timeout(0.2), Client(random.choice(cluster.addresses)) as client:
                for number in range(number, number + 20):  # noqa: B020 - a later connection counts on
                    key = random.choice(KEYS)
                    await write_once(client, key, b"%d-%d" % (writer, number), histories[key])
        number += 1


async def write_once(client: Client, key: str, element: bytes, history: History) -> None:
    read = await client.get(key)
    seen = {content.value for content in read.content}
    history.attempted.add(element)
    await client.put(key, b",".join(sorted({element, *elements(seen)})), read.vclock)
    history.acknowledged.add(element)
    history.replaced |= seen


def elements(values: Iterable[bytes]) -> set[bytes]:
    return {element for value in values for element in value.split(b",")}


async def disaster(cluster: RiakCluster, random: Random) -> None:
    node = random.randrange(3)
    happenings = [
        lambda: cluster.kill(node),
        lambda: cluster.part([[node], [other for other in range(3) if other != node]]),
        lambda: cluster.hang(node),
        lambda: cluster.cut(node, replies=3),
        lambda: cluster.overload(node),
        lambda: cluster.refuse(node, existing="reset"),
    ]
    random.choice(happenings)()
    await asyncio.sleep(random.uniform(0, 0.03))  # how long it lasts
    mend(cluster)


def mend(cluster: RiakCluster) -> None:
    cluster.heal()
    for node in range(3):
        cluster.start(node)
        cluster.behave(node)


@pytest.mark.parametrize("seed", range(3))
async def test_no_acknowledged_write_is_lost_and_nothing_that_was_replaced_comes_back(seed: int) -> None:
    histories = {key: History() for key in KEYS}
    stop = asyncio.Event()
    timing = Timing(hop=0.002, request=0.1)
    async with RiakCluster(bucket_types={"multi": {}}, timing=timing, seed=seed) as cluster:
        writers = [asyncio.create_task(write_on(cluster, number, histories, stop)) for number in range(WRITERS)]
        random = Random(seed)
        async with asyncio.timeout(60):
            while min(len(history.acknowledged) for history in histories.values()) < ENOUGH:
                await disaster(cluster, random)
        stop.set()
        await asyncio.gather(*writers)
        await cluster.settled()
        left = {key: set(cluster.siblings("b", key)) for key in KEYS}
    for key, history in histories.items():
        assert history.acknowledged <= elements(left[key]) <= history.attempted
        assert not left[key] & history.replaced
