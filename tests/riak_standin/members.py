"""All nodes of a cluster: their vnodes, their bucket properties, and their background work."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from typing import TypeVar

from tests.riak_standin.conflict import Objects
from tests.riak_standin.counts import Counts, SiblingRecord
from tests.riak_standin.network import Network
from tests.riak_standin.properties import Override, Properties, PropertyBook
from tests.riak_standin.ring import Key, Place, Ring
from tests.riak_standin.timers import Timers
from tests.riak_standin.vnode import Vnode

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Timing:
    """Durations in seconds. Real nodes hand off within minutes and allow a request a minute."""

    hop: float = 0.0
    gossip: float = 0.5
    handoff: float = 0.02
    reap: float | None = 3.0
    request: float = 60.0


@dataclass
class Node:
    """The state of one node."""

    name: str
    book: PropertyBook
    vnodes: dict[int, Vnode] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)


class Members:
    """All nodes of a cluster, and the network between them."""

    def __init__(self, nodes: int, types: Mapping[bytes, Properties], timing: Timing, seed: int) -> None:
        self.timing = timing
        self.ring = Ring(nodes)
        self.network = Network(nodes, seed, timing.hop)
        self.timers = Timers()
        self.random = Random(seed + 1)
        self.record = SiblingRecord()
        self.maps: dict[Key, bytes] = {}
        self.maps_denied = False
        self.nodes = [Node(f"riak{number}@127.0.0.1", PropertyBook(types)) for number in range(1, nodes + 1)]
        self._identities = count(1)
        self._overrides = count(1)
        self._reaping: set[tuple[Place, Key]] = set()
        self._handing_off = False

    def preference(self, at: int, key: Key, n: int) -> list[Place]:
        """The vnodes of `key` that node `at` can reach."""
        return self.ring.preference(key, n, partial(self.network.connected, at))

    def ask(self, at: int, place: Place, action: Callable[[Vnode], Answer], answered: Callable[[Answer], None]) -> None:
        """Run an operation at a vnode and return its result; a lost message never returns."""

        def work() -> Answer:
            if not place.primary:
                self.hand_off_soon()
            return action(self._vnode(place))

        self.network.ask(at, place.node, work, answered)

    def store(self, at: int, place: Place, key: Key, objects: Objects, answered: Callable[[Objects], None]) -> None:
        """Send a replica to a vnode, which merges it under the properties that its node knows."""
        self.ask(at, place, lambda vnode: vnode.store(key, objects, self.properties(place.node, key)), answered)

    def properties(self, at: int, key: Key) -> Properties:
        """The properties of the key's bucket as node `at` knows them. Raises `RiakError` for an unknown type."""
        return self.nodes[at].book.of_key(key)

    def set_properties(self, at: int, bucket: tuple[bytes, bytes], properties: Properties) -> None:
        """Set a bucket's properties at one node; the others learn them by gossip."""
        self.nodes[at].book.adopt(bucket, Override(next(self._overrides), properties))
        self.timers.later(self.timing.gossip, partial(self._gossip, at))

    def rejoin(self) -> None:
        """After nodes are reconnected: start handoff and gossip."""
        self.hand_off_soon()
        for number in range(len(self.nodes)):
            self.timers.later(self.timing.gossip, partial(self._gossip, number))

    def reap_soon(self, vnode: Vnode, key: Key, objects: Objects) -> None:
        """Reap a tombstone at a vnode after a pause, unless the key is written meanwhile."""
        if self.timing.reap is not None and (vnode.place, key) not in self._reaping:
            self._reaping.add((vnode.place, key))
            self.timers.later(self.timing.reap, partial(self._reap, vnode, key, objects))

    def hand_off_soon(self) -> None:
        """Schedule the handoff of all fallbacks."""
        if not self._handing_off:
            self._handing_off = True
            self.timers.later(self.timing.handoff, self._hand_off)

    def quiet(self) -> bool:
        """Whether no message is in flight and no fallback can hand off anything."""
        return not self.network.in_flight and not self._handing_off and not any(True for _ in self._kept_for_others())

    def forget(self, node: int) -> None:
        """Delete a node's data. Its vnodes restart as new actors."""
        self.nodes[node].vnodes.clear()

    def holding(self, key: Key) -> Sequence[Objects]:
        """The values of a key in each replica on a running node."""
        running = [node for number, node in enumerate(self.nodes) if self.network.alive(number)]
        found = [vnode.read(key) for node in running for vnode in node.vnodes.values()]
        return [objects for objects in found if objects]

    def _vnode(self, place: Place) -> Vnode:
        vnodes = self.nodes[place.node].vnodes
        if place.partition not in vnodes:
            primary = self.ring.owner(place.partition) == place.node
            whole = Place(place.partition, place.node, primary)
            vnodes[place.partition] = Vnode(whole, next(self._identities), self.record)
        return vnodes[place.partition]

    def _gossip(self, source: int) -> None:
        for target, node in enumerate(self.nodes):
            for bucket, override in self.nodes[source].book.overrides.items():
                self.network.send(source, target, partial(node.book.adopt, bucket, override))

    def _reap(self, vnode: Vnode, key: Key, objects: Objects) -> None:
        self._reaping.discard((vnode.place, key))
        if self.network.alive(vnode.place.node):
            vnode.drop(key, objects)

    def _hand_off(self) -> None:
        self._handing_off = False
        for vnode, key, objects in list(self._kept_for_others()):
            self._pass_on(vnode, key, objects)

    def _pass_on(self, vnode: Vnode, key: Key, objects: Objects) -> None:
        source, partition = vnode.place.node, vnode.place.partition
        home = Place(partition, self.ring.owner(partition), primary=True)
        self.store(source, home, key, objects, lambda _: vnode.drop(key, objects))

    def _kept_for_others(self) -> Iterator[tuple[Vnode, Key, Objects]]:
        """The contents of fallbacks whose owner is reachable."""
        for number, node in enumerate(self.nodes):
            for partition, vnode in node.vnodes.items():
                owner = self.ring.owner(partition)
                if owner != number and self.network.connected(number, owner):
                    yield from ((vnode, key, objects) for key, objects in vnode.objects.items())
