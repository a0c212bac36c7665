"""What a bucket's properties make of concurrent values: keep them all, or lose all but one."""

from collections.abc import Sequence
from functools import partial, reduce

from notification.riak.riak_pb2 import RpbContent
from tests.riak_standin import vclock
from tests.riak_standin.dvv import Actor, Context, Dot, Versions, next_dot
from tests.riak_standin.properties import Properties

Objects = Versions[RpbContent]
"""A key's concurrent values. A stored content is never changed, so replicas share it."""


def write(known: Objects, actor: Actor, content: RpbContent, context: Context, by: Properties) -> Objects:
    """The coordinator takes a client's write."""
    if by.last_write_wins:
        dot, grown = next_dot(known.context, actor, context)
        return Versions(grown, {dot: content})
    if by.dvv_enabled:
        return settled(known.written(actor, content, context), by)
    return settled(vclock.written(known, actor, content, context), by)


def sync(one: Objects, other: Objects, by: Properties) -> Objects:
    """What two replicas know together."""
    return settled(one.synced(other) if by.dvv_enabled else vclock.synced(one, other), by)


def merged(found: Sequence[Objects], by: Properties) -> Objects | None:
    """What several replicas know together; `None` for no replicas."""
    return reduce(partial(sync, by=by), found) if found else None


def settled(objects: Objects, by: Properties) -> Objects:
    """Without `allow_mult` the newest value by the clock stays, and all others are lost: Riak's rule, not ours."""
    if len(objects.values) < 2 or (by.allow_mult and not by.last_write_wins):
        return objects
    dot, content = max(objects.values.items(), key=_age)
    return Versions(objects.context, {dot: content})


def is_deleted(objects: Objects) -> bool:
    """Whether nothing but tombstones is left."""
    return all(content.deleted for content in objects.values.values())


def _age(entry: tuple[Dot, RpbContent]) -> tuple[int, int, Dot]:
    dot, content = entry
    return content.last_mod, content.last_mod_usecs, dot
