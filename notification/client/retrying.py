"""When to retry: exponential back-off with full jitter, until a deadline.

Every request of the client can be repeated: GET, PUT and DELETE are idempotent, and a create carries an idempotency
key. So only the reply decides whether to retry.
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
"""Statuses to retry. The service sends 503; gateways in front of it send the others."""

_MAX_DOUBLINGS: Final = 30


@dataclass(frozen=True, slots=True)
class Retries:
    """How long and how often to retry. All times are in seconds.

    `deadline`: how long after the first attempt a retry may begin; 0 disables retries. The n-th pause is uniform
    between 0 and `first * 2**(n-1)`, at most `longest`. The randomness spreads clients that failed together.
    """

    deadline: float = 30.0
    first: float = 0.1
    longest: float = 2.0

    def pause(self, failures: int, asked: float | None, fraction: float) -> float:
        """Return the seconds to wait after the given number of failures.
        `asked`: the delay in seconds of a `Retry-After` header, added to the pause. `fraction`: random, 0 <= x < 1.
        """
        doubled: float = self.first * 2 ** min(failures - 1, _MAX_DOUBLINGS)
        return (asked or 0.0) + fraction * min(self.longest, doubled)


class RetryBudget:
    """The deadline and the failures of one request. `clock` returns monotonic seconds."""

    def __init__(self, retries: Retries, clock: Callable[[], float] = time.monotonic) -> None:
        self._retries = retries
        self._clock = clock
        self._failures = 0
        self.restart_deadline()

    def restart_deadline(self) -> None:
        """Count the deadline from now. Call this when the service sends something."""
        self._ends = self._clock() + self._retries.deadline

    def reset(self) -> None:
        """Forget all failures and restart the deadline. Call this after a proper reply."""
        self._failures = 0
        self.restart_deadline()

    async def pause(self, asked: float | None = None) -> bool:
        """Wait before the next attempt. Returns `False` at once if that attempt would begin after the deadline.

        `asked`: the delay in seconds of a `Retry-After` header, if any.
        """
        self._failures += 1
        fraction = random.random()  # noqa: S311  # spreads clients, not a secret
        seconds = self._retries.pause(self._failures, asked, fraction)
        if self._clock() + seconds >= self._ends:
            return False
        await asyncio.sleep(seconds)
        return True


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds to wait, from a `Retry-After` header that has a number of seconds or an HTTP date.

    Returns `None` if `value` is neither. `now`: the current time in UTC; the clock's by default.
    """
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
