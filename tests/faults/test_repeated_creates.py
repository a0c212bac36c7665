"""Four real processes get the same `Idempotency-Key` at once, and all reply with the same single notification."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from notification.services.creation import QUIET_PERIOD
from tests.faults.instances import Instances, on_riak
from tests.riak_cluster import RiakCluster
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONCURRENCY = 50
ROUNDS = [f"user-{number}" for number in range(3)]
"""The user of each repetition. The test is repeated because a race does not occur in each run."""


class Told(NamedTuple):
    """The status of a reply and the id in it."""

    status: int
    id: str | None


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["embedded", "riak"])
async def instances(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Instances]:
    """Run four processes on one file, or on three nodes."""
    async with AsyncExitStack() as stack:
        folder = tmp_path_factory.mktemp("data")
        config = await _on_a_cluster(stack, folder) if request.param == "riak" else None
        yield await stack.enter_async_context(Instances(4, folder, config))


async def _on_a_cluster(stack: AsyncExitStack, folder: Path) -> Path:
    return on_riak(folder, await stack.enter_async_context(RiakCluster(3, bucket_types={"notifications": {}})))


async def create(instances: Instances, number: int, user: str, message: str = "hello") -> Told:
    body = {"category": "like", "message": message}
    async with instances.ask(number, "POST", f"/v1/notifications/{user}", json=body, key="order-7") as reply:
        return Told(reply.status, (await reply.json()).get("id"))


async def all_at_once(creates: Iterable[Awaitable[Told]]) -> tuple[list[Told], bool]:
    """Return all replies, and whether they came fast enough that all must agree. On Riak, after a long pause of a
    process, a reply may name a notification that another one has replaced (README, what is not guaranteed)."""
    began = time.monotonic()
    told = await asyncio.gather(*creates)
    return told, time.monotonic() - began < 3 * QUIET_PERIOD


async def seen_by_all(instances: Instances, user: str) -> list[dict[str, str]]:
    """Return the notifications of a user as soon as every process shows the same ones."""
    shown: list[list[dict[str, str]]] = []

    async def are_alike() -> bool:
        shown[:] = await asyncio.gather(*(instances.items(number, user) for number in range(len(instances))))
        return all(items == shown[0] for items in shown)

    await until(are_alike)
    return shown[0]


async def test_fifty_creates_at_once_with_one_key_are_all_told_one_id(instances: Instances) -> None:
    for user in ROUNDS:
        told, steady = await all_at_once(create(instances, number, user) for number in range(CONCURRENCY))
        (seen,) = await seen_by_all(instances, user)
        assert {one.status for one in told} == {201}
        assert Told(201, seen["id"]) in told
        assert len(set(told)) == 1 or not steady


async def test_the_key_with_another_body_afterwards_is_refused_by_every_process(instances: Instances) -> None:
    first = await create(instances, 0, "afterwards")
    everywhere = range(len(instances))
    others = await asyncio.gather(*(create(instances, number, "afterwards", "another") for number in everywhere))
    assert set(others) == {Told(422, None)}
    assert [one["id"] for one in await seen_by_all(instances, "afterwards")] == [first.id]


async def test_of_two_bodies_at_once_under_one_key_one_is_stored_and_the_other_refused(instances: Instances) -> None:
    for user in [f"{name}-twice" for name in ROUNDS]:
        bodies = ["hello", "another"] * (CONCURRENCY // 2)
        replies, steady = await all_at_once(
            create(instances, number // 2, user, body) for number, body in enumerate(bodies)
        )
        told = list(zip(bodies, replies, strict=True))
        (seen,) = await seen_by_all(instances, user)
        assert {reply.status for reply in replies} == {201, 422}
        if not steady:
            continue
        assert {reply for body, reply in told if body == seen["message"]} == {Told(201, seen["id"])}
        assert {reply for body, reply in told if body != seen["message"]} == {Told(422, None)}
