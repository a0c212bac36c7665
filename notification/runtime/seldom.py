"""Limit the number of log lines for a cause that occurs often."""

import time
from typing import Final

INTERVAL: Final = 1.0
"""Seconds between two log lines about one cause."""


class Seldom:
    """Counts how often one cause occurs, and decides when the next log line about it is due."""

    def __init__(self) -> None:
        self._count = 0
        self._next = 0.0

    def count(self, times: int = 1) -> int:
        """Add `times`. Returns the number of occurrences since the last line if a line is due, otherwise 0."""
        self._count += times
        now = time.monotonic()
        if not self._count or now < self._next:
            return 0
        due, self._count = self._count, 0
        self._next = now + INTERVAL
        return due
