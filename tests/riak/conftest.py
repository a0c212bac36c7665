"""Fixtures for the Riak client's tests: scripted nodes, and a look afterwards whether anything was left behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.riak.scripted_node import ScriptedNode, running

Until = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.fixture(autouse=True)
async def nothing_left() -> AsyncIterator[None]:
    """Every task of a test is done when the test is."""
    before = asyncio.all_tasks()
    yield
    await _until(lambda: not _others(before))
    assert not _others(before)


@pytest.fixture
async def nodes(nothing_left: None) -> AsyncIterator[list[ScriptedNode]]:
    """Three nodes that are well."""
    async with running(3) as three:
        yield three


@pytest.fixture
async def node(nothing_left: None) -> AsyncIterator[ScriptedNode]:
    """One node that is well."""
    async with running(1) as (one,):
        yield one


@pytest.fixture
def until() -> Until:
    """Waits until a condition holds; fails after 20 seconds."""
    return _until


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the condition is on the other side of a socket
            await asyncio.sleep(0.002)


def _others(before: set["asyncio.Task[object]"]) -> set["asyncio.Task[object]"]:
    return {task for task in asyncio.all_tasks() - before if task is not asyncio.current_task()}
