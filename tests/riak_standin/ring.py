"""The ring: partitions that nodes own in turn, and for every key the vnodes that keep it."""

from collections.abc import Callable, Iterator
from hashlib import sha1
from itertools import islice
from typing import NamedTuple


class Key(NamedTuple):
    """What names an object."""

    bucket_type: bytes
    bucket: bytes
    key: bytes


class Place(NamedTuple):
    """A vnode: a partition on a node. Not `primary`: a fallback, standing in for the owner that can't be reached."""

    partition: int
    node: int
    primary: bool


class Ring:
    """Partitions 0, 1, 2 … owned by the nodes in turn.

    A real ring's size is a power of two. This one's is a multiple of the nodes, so that as many neighbours as there
    are nodes always lie on different nodes: no key then has two primaries on one node where it need not.
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
        """Primaries that can be reached, then a fallback further round the ring for each that can't."""
        walk = self.around(_position(key) % self.size)
        primaries = list(islice(walk, n))
        up = [Place(partition, self.owner(partition), primary=True) for partition in primaries]
        up = [place for place in up if reachable(place.node)]
        orphans = [partition for partition in primaries if not reachable(self.owner(partition))]
        stand_ins = (node for node in map(self.owner, walk) if reachable(node))
        return up + [Place(partition, node, primary=False) for partition, node in zip(orphans, stand_ins, strict=False)]


def _position(key: Key) -> int:
    return int.from_bytes(sha1(b"\0".join(key), usedforsecurity=False).digest()[:4], "big")
