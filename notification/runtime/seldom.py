"""Warnings that a flood of equal causes must not multiply."""

import time
from typing import Final

INTERVAL: Final = 1.0
"""Seconds between two warnings of one cause."""


class Seldom:
    """Counts occurrences of one cause; says when the next line about them is due, and how many it stands for."""

    def __init__(self) -> None:
        self._count = 0
        self._next = 0.0

    def count(self, times: int = 1) -> int:
        """Add `times`. Returns how many there were since the last line if one is due, else 0."""
        self._count += times
        now = time.monotonic()
        if not self._count or now < self._next:
            return 0
        due, self._count = self._count, 0
        self._next = now + INTERVAL
        return due
