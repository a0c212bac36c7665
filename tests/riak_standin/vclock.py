"""Plain vector clocks: what a bucket without `dvv_enabled` (every untyped one) goes by.

A value has no dot that says which write made it, so a write that has not seen everything can replace nothing: all
values stay beside it, also those that its writer has read. Kept up by two writers in turn, that is Riak's well-known
sibling explosion.
"""

from tests.riak_standin.dvv import Actor, Context, Value, Versions, descends, joined, next_dot


def written(known: Versions[Value], actor: Actor, value: Value, context: Context) -> Versions[Value]:
    """A write from somebody who has seen `context`: replaces everything, or nothing."""
    dot, grown = next_dot(known.context, actor, context)
    kept = {} if descends(context, known.context) else known.values
    return Versions(grown, {**kept, dot: value})


def synced(one: Versions[Value], other: Versions[Value]) -> Versions[Value]:
    """The side that has seen the other; where neither has, the values of both."""
    if descends(one.context, other.context):
        return one
    if descends(other.context, one.context):
        return other
    return Versions(joined(one.context, other.context), {**one.values, **other.values})
