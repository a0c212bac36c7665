"""Dotted version vectors, over histories of replicas that take writes and sync with each other."""

from dataclasses import dataclass, field
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.riak_standin.dvv import NOTHING, Context, Dot, Versions, covers, decode, encode

REPLICAS = 3

Writes = st.tuples(st.just("write"), st.integers(0, REPLICAS - 1), st.none() | st.integers(0, 100))
Syncs = st.tuples(st.just("sync"), st.integers(0, REPLICAS - 1), st.integers(0, REPLICAS - 1))
Steps = st.lists(Writes | Syncs, max_size=30)


@dataclass
class History:
    """What replicas held at every moment, and the context of every write."""

    replicas: list[Versions[Dot]] = field(default_factory=lambda: [Versions() for _ in range(REPLICAS)])
    moments: list[Versions[Dot]] = field(default_factory=lambda: [Versions()])
    contexts: list[Context] = field(default_factory=list)
    written: set[Dot] = field(default_factory=set)

    def write(self, replica: int, read: int | None) -> None:
        """A client that has read some earlier moment, or nothing, writes; the value is its own dot."""
        context = NOTHING if read is None else self.moments[read % len(self.moments)].context
        before = self.replicas[replica]
        dot = next(iter(before.written(replica, (0, 0), context).values.keys() - before.values.keys()))
        self.contexts.append(context)
        self.written.add(dot)
        self._keep(replica, before.written(replica, dot, context))

    def sync(self, replica: int, other: int) -> None:
        """One replica takes what another has."""
        self._keep(replica, self.replicas[replica].synced(self.replicas[other]))

    def _keep(self, replica: int, versions: Versions[Dot]) -> None:
        self.replicas[replica] = versions
        self.moments.append(versions)


@st.composite
def histories(draw: st.DrawFn) -> History:
    history = History()
    for step, replica, other in draw(Steps):
        if step == "write":
            history.write(replica, other)
        else:
            history.sync(replica, other or 0)
    return history


@given(histories(), st.data())
def test_sync_is_commutative(history: History, data: st.DataObject) -> None:
    one, other = (data.draw(st.sampled_from(history.moments)) for _ in range(2))
    assert one.synced(other) == other.synced(one)


@given(histories(), st.data())
def test_sync_is_associative(history: History, data: st.DataObject) -> None:
    one, two, three = (data.draw(st.sampled_from(history.moments)) for _ in range(3))
    assert one.synced(two).synced(three) == one.synced(two.synced(three))


@given(histories(), st.data())
def test_sync_is_idempotent(history: History, data: st.DataObject) -> None:
    one, other = (data.draw(st.sampled_from(history.moments)) for _ in range(2))
    assert one.synced(other).synced(other) == one.synced(other)
    assert one.synced(one) == one


@given(histories(), st.integers(0, REPLICAS - 1))
def test_a_put_with_the_context_of_a_full_read_leaves_exactly_one_sibling(history: History, replica: int) -> None:
    everything = reduce(Versions.synced, history.replicas)
    written = history.replicas[replica].written(replica, (9, 9), everything.context)
    assert list(everything.synced(written).values.values()) == [(9, 9)]


@given(histories(), st.integers(0, REPLICAS - 1), st.integers(0, REPLICAS - 1))
def test_concurrent_puts_leave_both(history: History, one: int, other: int) -> None:
    read = reduce(Versions.synced, history.replicas)
    first = read.written(one, (8, 8), read.context)
    second = (first if one == other else read).written(other, (9, 9), read.context)
    assert set(first.synced(second).values.values()) == {(8, 8), (9, 9)}


@given(histories())
def test_a_value_is_lost_exactly_where_the_context_of_some_put_covered_it(history: History) -> None:
    everything = reduce(Versions.synced, history.replicas)
    replaced = {dot for dot in history.written for context in history.contexts if covers(context, dot)}
    assert set(everything.values) == history.written - replaced


@given(histories())
def test_a_value_keeps_its_dot(history: History) -> None:
    assert all(dot == value for versions in history.moments for dot, value in versions.values.items())


@given(st.dictionaries(st.integers(0, 2**64 - 1), st.integers(1, 2**32 - 1)))
def test_a_context_survives_its_encoding(context: Context) -> None:
    assert decode(encode(context)) == context


@pytest.mark.parametrize("vclock", [b"x", b"\xd7", b"\xd7\x01short", b"k\xce\x61\x60"])
def test_bytes_that_are_no_vclock_of_ours_are_noticed(vclock: bytes) -> None:
    with pytest.raises(ValueError, match="not a vclock"):
        decode(vclock)
