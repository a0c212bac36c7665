"""Every kind of store. The tests of the contract run on each."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from notification.riak.client import RiakClient
from notification.storage.embedded.store import EmbeddedStore
from notification.storage.riak_store import RiakStore
from notification.storage.store import Store
from tests.riak_cluster import RiakCluster

OpenStore = Callable[[], Awaitable[Store]]


@pytest.fixture(params=["embedded", "stand-in for Riak", "Riak"])
async def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens the same store several times, as several processes would."""
    async with AsyncExitStack() as stack:
        nodes, bucket_type = os.environ.get("RIAK_NODES", ""), os.environ.get("RIAK_BUCKET_TYPE", "")
        if request.param == "stand-in for Riak":
            nodes = ",".join(
                (await stack.enter_async_context(RiakCluster(bucket_types={"notifications": {}}))).addresses
            )
            bucket_type = "notifications"
        elif request.param == "Riak" and not nodes:
            pytest.skip("RIAK_NODES names no cluster")

        async def open_() -> Store:
            if request.param == "embedded":
                store: Store = EmbeddedStore(tmp_path / "feeds.db")
            else:
                store = await _riak(nodes.split(","), bucket_type)
            stack.push_async_callback(store.close)
            return store

        yield open_


async def _riak(nodes: list[str], bucket_type: str) -> Store:
    store = RiakStore(RiakClient(nodes), bucket_type=bucket_type)
    await store.start(["contract"])
    return store


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()
