"""Seeing to a request for one key, from the node that it reached."""

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
    """A key, and the node that goes round its replicas."""

    members: Members
    at: int
    key: Key

    @property
    def properties(self) -> Properties:
        """The bucket's properties, as the node knows them. Raises `RiakError` for an unknown type."""
        return self.members.properties(self.at, self.key)

    def places(self, quorum: Quorum, request: Request) -> list[Place]:
        """The vnodes to go to: fallbacks too, unless the client wants none."""
        sloppy = request.sloppy_quorum or not request.HasField("sloppy_quorum")
        places = self.members.preference(self.at, self.key, quorum.n)
        return places if sloppy else [place for place in places if place.primary]

    def ask(self, place: Place, action: Callable[[Vnode], Answer], answered: Callable[[Answer], None]) -> None:
        """Have a vnode do something."""
        self.members.ask(self.at, place, action, answered)

    def store(self, place: Place, objects: Objects, answered: Callable[[Objects], None]) -> None:
        """Have a vnode take a replica."""
        self.members.store(self.at, place, self.key, objects, answered)

    def merged(self, found: Iterable[Objects | None]) -> Objects | None:
        """What several replicas know together; `None` where none has anything."""
        together = merged([objects for objects in found if objects], self.properties)
        if together:
            self.members.record.saw(self.key, len(together.values))
        return together
