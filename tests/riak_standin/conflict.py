"""How bucket properties resolve concurrent values: keep all of them, or only one."""

from collections.abc import Sequence
from functools import partial, reduce

from notification.riak.riak_pb2 import RpbContent
from tests.riak_standin import vclock
from tests.riak_standin.dvv import Actor, Context, Dot, Versions, next_dot
from tests.riak_standin.properties import Properties

Objects = Versions[RpbContent]
"""The concurrent values of a key. Stored contents are immutable, so replicas share them."""


def write(known: Objects, actor: Actor, content: RpbContent, context: Context, by: Properties) -> Objects:
    """Apply a client's write at the coordinator."""
    if by.last_write_wins:
        dot, grown = next_dot(known.context, actor, context)
        return Versions(grown, {dot: content})
    if by.dvv_enabled:
        return settled(known.written(actor, content, context), by)
    return settled(vclock.written(known, actor, content, context), by)


def sync(one: Objects, other: Objects, by: Properties) -> Objects:
    """Merge the values of two replicas."""
    return settled(one.synced(other) if by.dvv_enabled else vclock.synced(one, other), by)


def merged(found: Sequence[Objects], by: Properties) -> Objects | None:
    """Merge the values of several replicas; `None` if there are none."""
    return reduce(partial(sync, by=by), found) if found else None


def settled(objects: Objects, by: Properties) -> Objects:
    """Without `allow_mult`, Riak keeps only the newest value by the clock."""
    if len(objects.values) < 2 or (by.allow_mult and not by.last_write_wins):
        return objects
    dot, content = max(objects.values.items(), key=_age)
    return Versions(objects.context, {dot: content})


def is_deleted(objects: Objects) -> bool:
    """Whether all values are tombstones."""
    return all(content.deleted for content in objects.values.values())


def _age(entry: tuple[Dot, RpbContent]) -> tuple[int, int, Dot]:
    dot, content = entry
    return content.last_mod, content.last_mod_usecs, dot
