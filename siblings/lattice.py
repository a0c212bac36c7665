"""What every stored type provides: a join semilattice and its encoding.

Only the description of a mergeable type lives here; each type has a file of its own. `merge` must be commutative,
associative and idempotent, as Shapiro, Preguiça, Baquero and Zawirski require of a state-based CRDT ("Conflict-free
Replicated Data Types", 2011). Siblings can then be merged in any order, in any grouping and any number of times, and
every process arrives at the same value. Writers can therefore repeat a write or start from a stale value.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mergeable(Generic[T]):
    """One mergeable type: its name, its least element, its merge, and its encoding.

    `least` is the neutral element of `merge`. `decode` raises `DecodeError` for anything that `encode` does not
    produce; `encode` raises `EncodeError` for anything that `decode` would refuse.
    """

    name: str
    least: T
    merge: Callable[[T, T], T]
    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]

    def join(self, values: Iterable[T]) -> T:
        """Merge all of `values` into one. Returns `least` if there are none."""
        return reduce(self.merge, values, self.least)
