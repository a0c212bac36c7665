"""Where new ids come from: the clock and the randomness that the merge algebra does without."""

import os
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from siblings.ksuid import RANDOM_BYTES, latest_at, next_id

_DAY: Final = 86_400_000_000_000
_MILLISECOND: Final = 1_000_000


class IdSeed(NamedTuple):
    """The instant of one request, in nanoseconds since 1970, and its randomness: an id in the making."""

    now: int
    randomness: bytes

    @property
    def milliseconds(self) -> int:
        """The instant, in milliseconds since 1970."""
        return self.now // _MILLISECOND

    def above(self, known: str) -> str:
        """The id that this draw gives a writer who knows of ids up to `known`."""
        return next_id(self.now, self.randomness, known)


class IdGenerator:
    """Makes draws. `clock` tells nanoseconds since 1970, `randomness` that many unpredictable bytes."""

    def __init__(
        self, clock: Callable[[], int] = time.time_ns, randomness: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._clock = clock
        self._randomness = randomness

    def draw(self) -> IdSeed:
        """A draw of this instant."""
        return IdSeed(self._clock(), self._randomness(RANDOM_BYTES))

    def is_credible(self, id_: str) -> bool:
        """Whether an id may have been made by now, by a clock at most a day ahead of this one.

        Others are nobody's: were the greatest KSUID taken for a notification, there would be no id for the next one.
        """
        return id_ <= latest_at(self._clock() + _DAY)
