"""Limits the number of log lines for a cause that occurs often."""

import time
from typing import Final

INTERVAL: Final = 1.0
"""Seconds between two log lines about one cause."""


class Seldom:
    """Counts how often one cause occurs, and decides when to log the next line about it."""

    def __init__(self) -> None:
        self._count = 0
        self._next = 0.0

    def count(self, times: int = 1) -> int:
        """Add `times` occurrences. If it is time for a log line, return the number since the last line, otherwise 0."""
        self._count += times
        now = time.monotonic()
        if not self._count or now < self._next:
            return 0
        due, self._count = self._count, 0
        self._next = now + INTERVAL
        return due
