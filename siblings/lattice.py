"""What every stored type is: a join semilattice with its bytes.

Only the description of a mergeable type may live here; the types themselves have a file each. `merge` has to be
commutative, associative and idempotent, as Shapiro, Preguiça, Baquero and Zawirski ask of a state-based CRDT
("Conflict-free Replicated Data Types", 2011). Then siblings may be merged in any order, grouping and number, by any
process, and all of them end with the same value; so a write may be repeated, and a stale one loses nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mergeable(Generic[T]):
    """One mergeable type: where it begins, how two values become one, and how a value becomes bytes and back.

    `least` is neutral to `merge`; `decode` raises `DecodeError` for anything that `encode` does not write, and `encode`
    raises `EncodeError` for anything that `decode` would refuse.
    """

    name: str
    least: T
    merge: Callable[[T, T], T]
    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]

    def join(self, values: Iterable[T]) -> T:
        """All of `values` merged into one; `least` where there are none."""
        return reduce(self.merge, values, self.least)
