"""The data of one replica."""

from notification.riak.riak_pb2 import RpbContent
from tests.riak_standin.conflict import Objects, sync, write
from tests.riak_standin.counts import SiblingRecord
from tests.riak_standin.dvv import Actor, Context, Versions
from tests.riak_standin.properties import Properties
from tests.riak_standin.ring import Key, Place

_EPOCH_BITS = 32


class Vnode:
    """The objects of a partition on one node. The data is durable: it survives a kill unless the disk is lost."""

    def __init__(self, place: Place, identity: int, record: SiblingRecord) -> None:
        self.place = place
        self.objects: dict[Key, Objects] = {}
        self._identity = identity
        self._epochs = 0
        self._record = record

    def read(self, key: Key) -> Objects | None:
        """The values of a key."""
        return self.objects.get(key)

    def coordinate(self, key: Key, content: RpbContent, context: Context, by: Properties) -> Objects:
        """Apply a client's write: assign the next dot and drop what its context covers."""
        known = self.objects.get(key) or Versions()
        return self._keep(key, write(known, self._actor(known.context, context), content, context, by))

    def store(self, key: Key, objects: Objects, by: Properties) -> Objects:
        """Merge the values of another replica."""
        known = self.objects.get(key)
        return self._keep(key, sync(known, objects, by) if known else objects)

    def drop(self, key: Key, objects: Objects) -> None:
        """Drop a key unless it has changed since it was `objects`."""
        known = self.objects.get(key)
        if known and known.same_as(objects):
            del self.objects[key]

    def _keep(self, key: Key, objects: Objects) -> Objects:
        self.objects[key] = objects
        self._record.saw(key, len(objects.values))
        return objects

    def _actor(self, known: Context, context: Context) -> Actor:
        """The coordinating actor: the one that this replica used for the key before, or a new one.

        A replica that has lost or reaped a key would count from one again, and old contexts would cover its new dots.
        Like Riak, it then starts a new *epoch*, which is an unused actor.
        """
        mine = {actor: count for actor, count in known.items() if self._is_mine(actor)}
        ahead = any(self._is_mine(actor) and mine.get(actor, 0) < count for actor, count in context.items())
        if mine and not ahead:
            return max(mine)
        self._epochs += 1
        return (self._identity << _EPOCH_BITS) | self._epochs

    def _is_mine(self, actor: Actor) -> bool:
        return actor >> _EPOCH_BITS == self._identity
