"""Records when this process first saw each entry that has an idempotency key, to estimate the age of the entry.

The age can't be computed from `created_at`, because that time can come from the clock of another machine.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from math import inf
from typing import Final

WITHDRAWAL_WINDOW: Final = 3.0
"""Seconds after the first sighting of an entry during which the process that made it might still withdraw it."""
CAPACITY: Final = 10_000
"""Maximum number of entries; they take about 4 MB. An evicted entry counts as new again, which only causes a wait."""


class Sightings:
    """Entries that this process has seen, by user and id. A new entry evicts the least recently used one."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._first: OrderedDict[tuple[str, str], float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._first)

    def may_be_withdrawn(self, username: str, ids: Iterable[str]) -> bool:
        """Whether one of these entries might still be withdrawn. Records the entries that have not been seen before."""
        now = asyncio.get_running_loop().time()
        seen = [self._first.setdefault((username, id_), now) for id_ in self._touched(username, ids)]
        self._trim()
        return any(now - first < WITHDRAWAL_WINDOW for first in seen)

    def settle(self, username: str, id_: str) -> None:
        """Mark an entry as final, because a reply contains it. Later requests need not wait for its withdrawal."""
        self._first[username, id_] = -inf
        self._first.move_to_end((username, id_))
        self._trim()

    def _touched(self, username: str, ids: Iterable[str]) -> Iterable[str]:
        for id_ in ids:
            if (username, id_) in self._first:
                self._first.move_to_end((username, id_))
            yield id_

    def _trim(self) -> None:
        while len(self._first) > self._capacity:
            self._first.popitem(last=False)
