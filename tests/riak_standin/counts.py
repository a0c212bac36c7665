"""Counters for tests."""

from collections import Counter
from dataclasses import dataclass, field

from tests.riak_standin.ring import Key


@dataclass
class Counts:
    """The requests and bytes of one node."""

    requests: Counter[str] = field(default_factory=Counter)
    values_received: int = 0
    values_sent: int = 0


class SiblingRecord:
    """The maximum number of siblings of each key in any replica or reply, including tombstones."""

    def __init__(self) -> None:
        self._most: dict[Key, int] = {}

    def saw(self, key: Key, siblings: int) -> None:
        """Record a number of siblings."""
        if self._most.get(key, 0) < siblings:
            self._most[key] = siblings

    def most(self, key: Key) -> int:
        """The maximum recorded; 0 for a key that was never written."""
        return self._most.get(key, 0)
