"""Plain vector clocks, which buckets without `dvv_enabled` (every untyped one) use.

A value has no dot that names its write. A write whose context does not cover everything therefore replaces nothing: all
values stay, even those that its writer has read. Two alternating writers cause Riak's well-known sibling explosion.
"""

from tests.riak_standin.dvv import Actor, Context, Value, Versions, descends, joined, next_dot


def written(known: Versions[Value], actor: Actor, value: Value, context: Context) -> Versions[Value]:
    """Apply a write with `context`: it replaces all values or none."""
    dot, grown = next_dot(known.context, actor, context)
    kept = {} if descends(context, known.context) else known.values
    return Versions(grown, {**kept, dot: value})


def synced(one: Versions[Value], other: Versions[Value]) -> Versions[Value]:
    """The side that covers the other; if neither does, the values of both."""
    if descends(one.context, other.context):
        return one
    if descends(other.context, one.context):
        return other
    return Versions(joined(one.context, other.context), {**one.values, **other.values})
