"""A request for one key, at the node that received it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from tests.riak_standin.conflict import Objects, merged
from tests.riak_standin.members import Members
from tests.riak_standin.properties import Properties
from tests.riak_standin.quorum import Quorum, Request
from tests.riak_standin.ring import Key, Place
from tests.riak_standin.vnode import Vnode

Answer = TypeVar("Answer")


class Errand(NamedTuple):
    """A key, and the node that contacts its replicas."""

    members: Members
    at: int
    key: Key

    @property
    def properties(self) -> Properties:
        """The bucket's properties as the node knows them. Raises `RiakError` for an unknown type."""
        return self.members.properties(self.at, self.key)

    def places(self, quorum: Quorum, request: Request) -> list[Place]:
        """The vnodes to contact, including fallbacks unless the client excludes them."""
        sloppy = request.sloppy_quorum or not request.HasField("sloppy_quorum")
        places = self.members.preference(self.at, self.key, quorum.n)
        return places if sloppy else [place for place in places if place.primary]

    def ask(self, place: Place, action: Callable[[Vnode], Answer], answered: Callable[[Answer], None]) -> None:
        """Run an operation at a vnode."""
        self.members.ask(self.at, place, action, answered)

    def store(self, place: Place, objects: Objects, answered: Callable[[Objects], None]) -> None:
        """Send a replica to a vnode."""
        self.members.store(self.at, place, self.key, objects, answered)

    def merged(self, found: Iterable[Objects | None]) -> Objects | None:
        """Merge several replicas; `None` if all are empty."""
        together = merged([objects for objects in found if objects], self.properties)
        if together:
            self.members.record.saw(self.key, len(together.values))
        return together
