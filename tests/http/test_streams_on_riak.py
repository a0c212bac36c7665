"""Streams on a Riak cluster whose nodes hang while the service polls."""

from contextlib import AsyncExitStack

from notification.http.keys import HUB
from tests.http.conftest import OpenClient
from tests.http.test_stream import stream
from tests.riak_cluster import RiakCluster
from tests.waiting import until

STREAMS = 70
"""More than the polls that wait at the same time."""


async def test_streams_outlive_a_cluster_that_hangs_and_hear_what_came_meanwhile(open_client: OpenClient) -> None:
    async with RiakCluster(nodes=1, bucket_types={"notifications": {}}) as cluster, AsyncExitStack() as stack:
        riak = f"nodes: '{cluster.addresses[0]}', bucket_type: notifications, request_timeout: 2 s, deadline: 4 s"
        live = "live: {poll_interval: 100 ms, heartbeat: 100 ms}"
        one, other = [await open_client(f"storage: riak\nriak: {{{riak}}}\n{live}") for _ in range(2)]
        streams = [await stack.enter_async_context(stream(one, username=f"u{number}")) for number in range(STREAMS)]
        ids = [await other.post(f"u{number}") for number in range(STREAMS)]
        await until(lambda: all(id_ in heard.shown for id_, heard in zip(ids, streams, strict=True)))
        cluster.hang(0)
        before = [heard.comments for heard in streams]
        await until(lambda: all(heard.comments > count + 5 for count, heard in zip(before, streams, strict=True)))
        cluster.behave(0)
        ids = [await other.post(f"u{number}") for number in range(STREAMS)]
        await until(lambda: all(id_ in heard.shown for id_, heard in zip(ids, streams, strict=True)))
        assert not any(heard.ended for heard in streams)
    await until(lambda: one.application[HUB].listeners == 0)
    assert one.application[HUB]._topics == {}
