"""What tests may count."""

from collections import Counter
from dataclasses import dataclass, field

from tests.riak_standin.ring import Key


@dataclass
class Counts:
    """One node's dealings with its clients."""

    requests: Counter[str] = field(default_factory=Counter)
    values_received: int = 0
    values_sent: int = 0


class SiblingRecord:
    """The most siblings that any replica or reply ever held of each key, tombstones among them."""

    def __init__(self) -> None:
        self._most: dict[Key, int] = {}

    def saw(self, key: Key, siblings: int) -> None:
        """Take note of a number of siblings."""
        if self._most.get(key, 0) < siblings:
            self._most[key] = siblings

    def most(self, key: Key) -> int:
        """The most ever seen; 0 for a key never written."""
        return self._most.get(key, 0)
