"""Hundreds of requests at once while everything goes wrong: no reply ever reaches another's request."""

import asyncio
import random

import pytest

from notification.riak.client import RiakClient
from notification.riak.errors import RiakUnavailable
from notification.riak.messages import Frame
from notification.riak.options import Options
from tests.riak.conftest import Until
from tests.riak.scripted_node import Peer, ScriptedNode, after, answer, cut, cut_after, error, hang, value_of

POOL = 8
LIMITS = Options(pool_size=POOL, request_timeout=0.15, deadline=30.0, first_pause=0.002, longest_pause=0.02)


class Misfortune:
    """A script that does well four times of five, else anything that a node or a network can do."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    async def __call__(self, request: Frame, peer: Peer) -> None:
        mishaps = [cut, hang, cut_after(7), cut_after(-1), after(0.3, answer), after(0.05, answer), error("overload")]
        lucky = self._chance.random() < 0.8
        await (answer if lucky else self._chance.choice(mishaps))(request, peer)


@pytest.mark.parametrize("seed", range(3))
async def test_five_hundred_requests_get_their_own_replies(nodes: list[ScriptedNode], seed: int, until: Until) -> None:
    for number, node in enumerate(nodes):
        node.script = Misfortune(seed * 10 + number)
    client = RiakClient([node.name for node in nodes], options=LIMITS)
    impatience = random.Random(seed)
    outcomes = await asyncio.gather(*(read(client, number, impatience.random()) for number in range(500)))
    assert outcomes.count("wrong") == 0
    assert outcomes.count("right") > 300
    assert "cancelled" in outcomes
    await client.close()
    await until(lambda: not any(node.peers for node in nodes))


@pytest.mark.parametrize("seed", range(3))
async def test_pools_are_never_larger_than_configured(nodes: list[ScriptedNode], seed: int) -> None:
    open_at_most = 0

    async def counted(request: Frame, peer: Peer) -> None:
        nonlocal open_at_most
        open_at_most = max(open_at_most, *(pool_of(client, node) for node in nodes))
        await fortune(request, peer)

    fortune = Misfortune(seed)
    for node in nodes:
        node.script = counted
    client = RiakClient([node.name for node in nodes], options=LIMITS)
    await asyncio.gather(*(read(client, number, 1.0) for number in range(300)))
    await client.close()
    assert 1 <= open_at_most <= POOL


async def test_a_node_that_dies_among_many_requests_fails_none(nodes: list[ScriptedNode]) -> None:
    client = RiakClient([node.name for node in nodes], options=LIMITS)
    requests = [asyncio.ensure_future(read(client, number, 1.0)) for number in range(300)]
    await asyncio.sleep(0)
    await nodes[0].stop()
    requests += [asyncio.ensure_future(read(client, number, 1.0)) for number in range(300)]
    assert set(await asyncio.gather(*requests)) == {"right"}
    await client.close()


def pool_of(client: RiakClient, node: ScriptedNode) -> int:
    return client._cluster.nodes[node.name].pool.open


async def read(client: RiakClient, number: int, patience: float) -> str:
    """One get; with little patience it is cancelled at some point. Its reply must name its own key."""
    key = f"key {number}".encode()
    request = asyncio.ensure_future(client.get(b"bucket", key))
    if patience < 0.2:
        await asyncio.sleep(patience)
        request.cancel()
    try:
        found = await request
    except asyncio.CancelledError:
        return "cancelled"
    except RiakUnavailable:
        return "unavailable"
    right = found.siblings[0].value == value_of(b"bucket", key) and found.vclock == b"seen " + key
    return "right" if right else "wrong"
