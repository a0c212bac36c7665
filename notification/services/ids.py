"""Generates ids from the clock and random bytes. The code in `siblings` has no access to a clock or to randomness."""

import os
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from siblings.ksuid import RANDOM_BYTES, latest_at, next_id

_DAY: Final = 86_400_000_000_000
_MILLISECOND: Final = 1_000_000


class IdSeed(NamedTuple):
    """The input for one id. `now`: nanoseconds since 1970. `randomness`: random bytes."""

    now: int
    randomness: bytes

    @property
    def milliseconds(self) -> int:
        """The time in milliseconds since 1970."""
        return self.now // _MILLISECOND

    def above(self, known: str) -> str:
        """Make an id from this seed. The id is newer than `known`, even if the clock is behind the time of `known`."""
        return next_id(self.now, self.randomness, known)


class IdGenerator:
    """Makes id seeds. `clock` returns nanoseconds since 1970; `randomness` returns the given number of random bytes."""

    def __init__(
        self, clock: Callable[[], int] = time.time_ns, randomness: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._clock = clock
        self._randomness = randomness

    def draw(self) -> IdSeed:
        """Make a seed with the current time."""
        return IdSeed(self._clock(), self._randomness(RANDOM_BYTES))

    def is_credible(self, id_: str) -> bool:
        """Whether the time in an id is at most a day ahead of this clock.

        Ids that are further ahead are not accepted, because no notification could follow one with the maximum KSUID.
        """
        return id_ <= latest_at(self._clock() + _DAY)
