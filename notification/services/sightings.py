"""When this process first saw the entries that were made under a key: the only clock that it can judge their age by.

`created_at` is of no use for that: it was told by the clock of the machine that made the entry.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from math import inf
from typing import Final

WITHDRAWAL_WINDOW: Final = 3.0
"""Seconds from its first sight for which an entry may still be withdrawn by its maker."""
CAPACITY: Final = 10_000
"""Entries that are remembered, in about 4 MB. One that was forgotten is young again: that costs a wait, and no more."""


class Sightings:
    """The entries seen by this process, by user and id. A new one takes the place of the one that was asked about least
    recently."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._first: OrderedDict[tuple[str, str], float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._first)

    def may_be_withdrawn(self, username: str, ids: Iterable[str]) -> bool:
        """Whether the maker of one of these entries may still withdraw it. Those not seen before are seen now."""
        now = asyncio.get_running_loop().time()
        seen = [self._first.setdefault((username, id_), now) for id_ in self._touched(username, ids)]
        self._trim()
        return any(now - first < WITHDRAWAL_WINDOW for first in seen)

    def settle(self, username: str, id_: str) -> None:
        """A reply names this entry: from now on this process names it again without waiting."""
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
