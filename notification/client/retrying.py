"""When to ask again: exponential back-off with full jitter, for as long as the caller has patience.

Everything the client asks may be asked again: GET, PUT and DELETE by their nature, a create because it carries an
idempotency key. So there is no table of what may be repeated, only of which answers are worth it.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

TEMPORARY: Final = {429, 502, 503, 504}
"""Statuses that say: not now. 503 is the service's own, the others are those of gateways before it."""

_MOST_DOUBLINGS: Final = 30


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient to be, in seconds. `deadline`: how long after the first attempt another may begin; 0: never.

    The n-th pause is a random part of `first` doubled n-1 times, at most of `longest`: random, so that callers who
    failed together do not come back together.
    """

    deadline: float = 30.0
    first: float = 0.1
    longest: float = 2.0

    def pause(self, failures: int, asked: float | None, fraction: float) -> float:
        """Seconds to wait after so many failures. `asked`: the service's `Retry-After`; `fraction`: 0 to 1, random."""
        doubled: float = self.first * 2 ** min(failures - 1, _MOST_DOUBLINGS)
        return (asked or 0.0) + fraction * min(self.longest, doubled)


class Patience:
    """The attempts of one request. `clock` tells seconds that only go up."""

    def __init__(self, retries: Retries, clock: Callable[[], float] = time.monotonic) -> None:
        self._retries = retries
        self._clock = clock
        self._failures = 0
        self.extend()

    def extend(self) -> None:
        """Something came: the deadline counts from now."""
        self._ends = self._clock() + self._retries.deadline

    def renew(self) -> None:
        """What was wanted came: the next pause is a first one again."""
        self._failures = 0
        self.extend()

    async def pause(self, asked: float | None = None) -> bool:
        """Wait before the next attempt. False, and no waiting, where that would begin after the deadline."""
        self._failures += 1
        fraction = random.random()  # noqa: S311  # spreads clients, guards nothing
        seconds = self._retries.pause(self._failures, asked, fraction)
        if self._clock() + seconds >= self._ends:
            return False
        await asyncio.sleep(seconds)
        return True


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds from a `Retry-After` header, which is a number of them or a date; `None` where it is neither."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((aware - (now or datetime.now(UTC))).total_seconds(), 0.0)
