"""Whether a node takes requests, and how long it is left alone after failures. Pure: randomness is given.

The pause before the n-th probe is drawn from 0 to `first * 2**n`, at most `longest` seconds ("full jitter", as Marc
Brooker's "Exponential Backoff And Jitter" compares it): many processes that lost a node at once do not come back to
it at once.
"""

from collections.abc import Callable


class Health:
    """One node's. `first`, `longest`: seconds; `random`: 0 <= x < 1."""

    def __init__(self, first: float, longest: float, random: Callable[[], float]) -> None:
        self._first = first
        self._longest = longest
        self._random = random
        self._failures = 0
        self.up = True
        """Whether requests may go there."""
        self.era = 0
        self.reason: str | None = None

    def worked(self) -> None:
        """A request was answered."""
        if self._failures and self.up:
            self._failures = 0

    def failed(self, era: int, reason: str) -> bool:
        """A request that began in `era` failed; whether the node goes out by that.

        A hundred requests that fail together are one failure, and one that was sent before the node last came back
        says nothing about it now.
        """
        if not self.up or era != self.era:
            return False
        self.up = False
        self._fail(reason)
        return True

    def still_out(self, reason: str) -> None:
        """A probe failed."""
        self._fail(reason)

    def back(self) -> None:
        """A probe was answered. Past failures are forgotten only once a request works."""
        self.up = True
        self.reason = None
        self.era += 1

    def pause(self) -> float:
        """Seconds until the next probe."""
        doublings = min(self._failures - 1, 30)
        return self._random() * min(self._longest, self._first * 2.0**doublings)

    def _fail(self, reason: str) -> None:
        self._failures += 1
        self.reason = reason
