"""A bounded cache that forgets what was not used for longest."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Cache(Generic[V]):
    """Values by key, of a total weight of at most `capacity`. A value heavier than that alone is not kept."""

    def __init__(self, capacity: int, weigh: Callable[[V], int]) -> None:
        self._capacity = capacity
        self._weigh = weigh
        self._values: OrderedDict[str, V] = OrderedDict()
        self._weight = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> V | None:
        """The value, which is now the one used last."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: str, value: V) -> None:
        """Keep `value`; forget the least recently used ones where room is needed."""
        self.drop(key)
        self._values[key] = value
        self._weight += self._weigh(value)
        while self._weight > self._capacity:
            _, forgotten = self._values.popitem(last=False)
            self._weight -= self._weigh(forgotten)

    def drop(self, key: str) -> None:
        """Forget `key`."""
        value = self._values.pop(key, None)
        if value is not None:
            self._weight -= self._weigh(value)
