"""The ring: partitions that nodes own in turn, and the vnodes of every key."""

from collections.abc import Callable, Iterator
from hashlib import sha1
from itertools import islice
from typing import NamedTuple


class Key(NamedTuple):
    """The identity of an object."""

    bucket_type: bytes
    bucket: bytes
    key: bytes


class Place(NamedTuple):
    """A partition on a node. If not `primary`, a fallback that stands in for an unreachable owner."""

    partition: int
    node: int
    primary: bool


class Ring:
    """Partitions 0, 1, 2 … owned by the nodes in turn.

    The size of a real ring is a power of two. This one is a multiple of the number of nodes, so that adjacent
    partitions lie on different nodes and no key has two primaries on one node.
    """

    def __init__(self, nodes: int, partitions_per_node: int = 4) -> None:
        self.nodes = nodes
        self.size = nodes * partitions_per_node

    def owner(self, partition: int) -> int:
        """The node on which a partition's primary vnode lives."""
        return partition % self.nodes

    def around(self, start: int) -> Iterator[int]:
        """Every partition once, clockwise from `start`."""
        return ((start + step) % self.size for step in range(self.size))

    def preference(self, key: Key, n: int, reachable: Callable[[int], bool]) -> list[Place]:
        """The reachable primaries, and for each unreachable one a fallback further around the ring."""
        walk = self.around(_position(key) % self.size)
        primaries = list(islice(walk, n))
        up = [Place(partition, self.owner(partition), primary=True) for partition in primaries]
        up = [place for place in up if reachable(place.node)]
        orphans = [partition for partition in primaries if not reachable(self.owner(partition))]
        stand_ins = (node for node in map(self.owner, walk) if reachable(node))
        return up + [Place(partition, node, primary=False) for partition, node in zip(orphans, stand_ins, strict=False)]


def _position(key: Key) -> int:
    return int.from_bytes(sha1(b"\0".join(key), usedforsecurity=False).digest()[:4], "big")
