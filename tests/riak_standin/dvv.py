"""Dotted version vectors: the writes that a set of concurrent values has seen, and the write that created each value.

A *dot* names one write: its coordinating actor and that actor's count. A *context* maps each actor to its maximum
count seen. A value is superseded if a context covers its dot and the value is not stored with that context. So a
context alone says what a writer has read, and two writes from one context leave two values.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Actor = int
Dot = tuple[Actor, int]
Context = Mapping[Actor, int]
Value = TypeVar("Value")

NOTHING: Context = {}

_MARK = b"\xd7\x01"
"""The prefix of every encoded context, so that foreign bytes are detected."""

_ENTRY = struct.Struct(">QI")


@dataclass(frozen=True, slots=True)
class Versions(Generic[Value]):
    """The concurrent values of a key, by dot, and the context that covers them and everything they replaced."""

    context: Context = field(default_factory=dict)
    values: Mapping[Dot, Value] = field(default_factory=dict)

    def written(self, actor: Actor, value: Value, context: Context = NOTHING) -> "Versions[Value]":
        """Apply a write at `actor`: drop the values that `context` covers, keep the others."""
        dot, grown = next_dot(self.context, actor, context)
        kept = {dot: value for dot, value in self.values.items() if not covers(context, dot)}
        return Versions(grown, {**kept, dot: value})

    def synced(self, other: "Versions[Value]") -> "Versions[Value]":
        """Merge: a value stays unless the other side has seen it and no longer has it."""
        if self.same_as(other):
            return self
        both = {dot: value for dot, value in self.values.items() if dot in other.values}
        ours = {dot: value for dot, value in self.values.items() if not covers(other.context, dot)}
        news = {dot: value for dot, value in other.values.items() if not covers(self.context, dot)}
        return Versions(joined(self.context, other.context), {**both, **ours, **news})

    def same_as(self, other: "Versions[Value]") -> bool:
        """Compare the causality only: a dot never names two values."""
        return self is other or (self.context == other.context and self.values.keys() == other.values.keys())


def next_dot(known: Context, actor: Actor, context: Context) -> tuple[Dot, Context]:
    """The dot of `actor`'s next write, and the context that covers it, `known` and the writer's context."""
    seen = joined(known, context)
    dot = (actor, seen.get(actor, 0) + 1)
    return dot, {**seen, actor: dot[1]}


def covers(context: Context, dot: Dot) -> bool:
    """Whether `context` covers the write that `dot` names."""
    return context.get(dot[0], 0) >= dot[1]


def joined(one: Context, other: Context) -> dict[Actor, int]:
    """The least context that covers both."""
    both = dict(one)
    for actor, count in other.items():
        if both.get(actor, 0) < count:
            both[actor] = count
    return both


def descends(one: Context, other: Context) -> bool:
    """Whether `one` covers `other`."""
    return all(one.get(actor, 0) >= count for actor, count in other.items())


def encode(context: Context) -> bytes:
    """Encode a context as the vclock for clients."""
    return _MARK + b"".join(_ENTRY.pack(actor, context[actor]) for actor in sorted(context))


def decode(vclock: bytes) -> Context:
    """Decode a vclock; no bytes are an empty context. Raises `ValueError` for bytes that `encode` did not produce."""
    if not vclock:
        return NOTHING
    if not vclock.startswith(_MARK) or (len(vclock) - len(_MARK)) % _ENTRY.size:
        raise ValueError("not a vclock of this cluster")
    return dict(_ENTRY.iter_unpack(vclock[len(_MARK) :]))
