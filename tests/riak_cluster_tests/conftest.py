"""A cluster, and a client of each node."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.client import Client
from tests.riak_standin.members import Timing

REAP_SECONDS = 0.05

FAST = Timing(gossip=0.02, reap=REAP_SECONDS)


@pytest.fixture(autouse=True)
def no_error_goes_unseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """asyncio only logs what goes wrong in a callback or in a task that nobody waits for."""
    with caplog.at_level(logging.WARNING):
        yield
    assert not caplog.get_records("call")


@pytest.fixture
async def cluster() -> AsyncIterator[RiakCluster]:
    """Three nodes, whose gossip and reaping do not keep tests waiting."""
    types = {"multi": {}, "single": {"allow_mult": False}, "last": {"last_write_wins": True}}
    async with RiakCluster(3, bucket_types=types, timing=FAST) as cluster:
        yield cluster


@pytest.fixture
async def clients(cluster: RiakCluster) -> AsyncIterator[list[Client]]:
    """A client of each node, in order."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Client(address)) for address in cluster.addresses]


@pytest.fixture
def client(clients: list[Client]) -> Client:
    """A client of the first node."""
    return clients[0]
