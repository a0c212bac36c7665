"""A stand-in for a Riak cluster, over TCP, that behaves as the recordings in `tests/riak/recordings` show.

    async with RiakCluster(nodes=3, bucket_types={"notifications": {}}) as cluster:
        client = connect(cluster.addresses)
        cluster.part([[0], [1, 2]])

It implements replicas, dotted version vectors, sloppy quorums, handoff and read repair, but no disks, hooks or
rebalancing. Fault switches affect open connections and requests in flight, too. `python -m tests.riak_cluster --help`
explains how to run it as a process.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Self

from notification.riak.riak_pb2 import RpbContent
from tests.riak_standin.conflict import merged
from tests.riak_standin.connection import Connection
from tests.riak_standin.counts import Counts
from tests.riak_standin.door import HOST, Door
from tests.riak_standin.faults import Faults
from tests.riak_standin.members import Members, Timing
from tests.riak_standin.properties import TYPED_DEFAULTS
from tests.riak_standin.requests import Requests
from tests.riak_standin.ring import Key
from tests.riak_standin.security import Security, make

__all__ = ["RiakCluster", "Timing"]

Text = str | bytes

_POLL_SECONDS = 0.005


class RiakCluster:
    """A cluster of nodes, numbered from 0, with fault switches."""

    def __init__(
        self,
        nodes: int = 3,
        *,
        ports: Sequence[int] = (),
        bucket_types: Mapping[str, Mapping[str, Any]] | None = None,
        timing: Timing | None = None,
        seed: int = 0,
        security: bool = False,
        user: str = "notification",
        password: str = "password",
    ) -> None:
        """`ports`: one for each node; by default the system chooses them. `bucket_types`: by name, each with its
        differences from a type with `allow_mult` and dotted version vectors. `security`: clients must start TLS, trust
        `certificate`, and authenticate with `user` and `password`."""
        types = {name.encode(): replace(TYPED_DEFAULTS, **made) for name, made in (bucket_types or {}).items()}
        self._members = Members(nodes, types, timing or Timing(), seed)
        self._ports = ports or (0,) * nodes
        self._faults = [Faults() for _ in range(nodes)]
        self._credentials = (user, password) if security else None
        self._leaving = AsyncExitStack()
        self._security: Security | None = None
        self._doors: list[Door] = []

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if self._credentials:
                directory = stack.enter_context(TemporaryDirectory(prefix="riak-standin-"))
                self._security = await asyncio.to_thread(make, Path(directory), *self._credentials)
            for node, port in enumerate(self._ports):
                self._doors.append(Door(port, partial(self._connection, node)))
                stack.push_async_callback(self._doors[-1].shut)
                self._doors[-1].open()
            self._leaving = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._members.timers.close()
        self._members.network.close()
        await self._leaving.aclose()

    @property
    def addresses(self) -> list[str]:
        """The address of each node, `host:port`; it never changes."""
        return [f"{HOST}:{door.port}" for door in self._doors]

    @property
    def certificate(self) -> Path:
        """The path of the certificate that clients must trust."""
        if not self._security:
            raise ValueError("this cluster has no security")
        return self._security.certificate

    # Fault switches

    def refuse(self, node: int, existing: Literal["stay", "reset"] = "stay") -> None:
        """Refuse new connections; keep the open ones, or reset them."""
        self._doors[node].close()
        if existing == "reset":
            self._doors[node].reset()

    def hang(self, node: int, *, works: bool = True) -> None:
        """Accept and read requests without replying. They are executed immediately, or when the fault ends."""
        self._faults[node].hang(works=works)

    def slow(self, node: int, seconds: float) -> None:
        """Delay every reply."""
        self._faults[node].slow(seconds)

    def starting(self, node: int) -> None:
        """Answer every request as a starting node does."""
        self._faults[node].starting()

    def overload(self, node: int) -> None:
        """Answer every request with an overload error."""
        self._faults[node].overload()

    def cut(self, node: int, replies: int = 1, after: int | None = None) -> None:
        """Cut the connection in the middle of the next replies, or after this number of bytes."""
        self._faults[node].cut(replies, after)

    def behave(self, node: int) -> None:
        """End all faults of a running node. Delayed replies are sent late."""
        self._faults[node].clear()
        if self._members.network.alive(node):
            self._doors[node].open()

    def kill(self, node: int, *, lose: bool = False) -> None:
        """Kill a node as `kill -9` does: connections are reset, requests stay half done. `lose`: delete its data."""
        self._members.network.kill(node)
        self._doors[node].close()
        self._doors[node].reset()
        if lose:
            self._members.forget(node)

    def start(self, node: int) -> None:
        """Restart a killed node on the same port and with its data."""
        self._members.network.start(node)
        self._members.rejoin()
        self._doors[node].open()

    def part(self, sides: Sequence[Sequence[int]]) -> None:
        """Partition the network between these groups of nodes. Clients still reach all nodes."""
        self._members.network.part(sides)

    def heal(self) -> None:
        """End the partition."""
        self._members.network.heal()
        self._members.rejoin()

    def put_map(self, bucket: Text, key: Text, reply: bytes, bucket_type: Text = "maps") -> None:
        """Store a map: the body of the reply that a fetch of this key gets."""
        self._members.maps[Key(_bytes(bucket_type), _bytes(bucket), _bytes(key))] = reply

    def deny_maps(self) -> None:
        """Answer requests for maps as Riak does if the user has no permission for their bucket type."""
        self._members.maps_denied = True

    # Observations for tests

    def requests(self, node: int) -> Counter[str]:
        """The number of requests that a node has read, by kind: get, put, delete, ping, get_bucket, …"""
        return self._counts(node).requests

    def values_sent(self, node: int) -> int:
        """The number of value bytes in a node's replies."""
        return self._counts(node).values_sent

    def values_received(self, node: int) -> int:
        """The number of value bytes that clients have put through a node."""
        return self._counts(node).values_received

    def connections(self, node: int) -> int:
        """The number of open client connections of a node."""
        return self._doors[node].connections()

    def siblings(self, bucket: Text, key: Text, bucket_type: Text | None = None) -> list[bytes]:
        """The merged values of all running nodes without tombstones; of any bucket type if none is named."""
        contents = [content for found in self._keys(bucket, key, bucket_type) for content in self._contents(found)]
        return sorted(content.value for content in contents if not content.deleted)

    def most_siblings(self, bucket: Text, key: Text, bucket_type: Text | None = None) -> int:
        """The maximum number of siblings in any replica or reply, including tombstones."""
        return max((self._members.record.most(found) for found in self._keys(bucket, key, bucket_type)), default=0)

    async def settled(self, seconds: float = 10.0) -> None:
        """Wait until no message is in flight and handoff is complete."""
        async with asyncio.timeout(seconds):
            while not self._members.quiet():  # noqa: ASYNC110 - what it waits for is too many things for one event
                await asyncio.sleep(_POLL_SECONDS)

    def _connection(self, node: int, door: Door) -> Connection:
        requests = Requests(self._members, node)
        return Connection(requests, self._faults[node], self._counts(node), self._security, door)

    def _counts(self, node: int) -> Counts:
        return self._members.nodes[node].counts

    def _keys(self, bucket: Text, key: Text, bucket_type: Text | None) -> Iterator[Key]:
        types = self._members.nodes[0].book.types() if bucket_type is None else [_bytes(bucket_type)]
        return (Key(name, _bytes(bucket), _bytes(key)) for name in types)

    def _contents(self, key: Key) -> list[RpbContent]:
        together = merged(self._members.holding(key), self._members.properties(0, key))
        return list(together.values.values()) if together else []


def _bytes(text: Text) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


if __name__ == "__main__":
    from tests.riak_standin.process import main

    main()
