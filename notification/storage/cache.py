"""A cache that is bounded in bytes, and forgets what was not used for longest."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

V = TypeVar("V")

ENTRY: Final = 320
"""Bytes that a key takes beside its text and its value."""


class Cache(Generic[V]):
    """Values by key, of at most `capacity` bytes in all. A value that is larger by itself is not kept.

    `size_of` is called once when a value is kept, and again by `resize`, where it has grown.
    """

    def __init__(self, capacity: int, size_of: Callable[[V], int]) -> None:
        self._capacity = capacity
        self._size_of = size_of
        self._values: OrderedDict[str, tuple[V, int]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._values)

    @property
    def size(self) -> int:
        """Bytes of everything that is kept."""
        return self._size

    def get(self, key: str) -> V | None:
        """The value, which is now the one used last."""
        kept = self._values.get(key)
        if kept is None:
            return None
        self._values.move_to_end(key)
        return kept[0]

    def put(self, key: str, value: V) -> None:
        """Keep `value`; forget the least recently used ones where room is needed."""
        self.drop(key)
        size = ENTRY + len(key) + self._size_of(value)
        if size > self._capacity:
            return
        self._values[key] = value, size
        self._size += size
        while self._size > self._capacity:
            _, (_, freed) = self._values.popitem(last=False)
            self._size -= freed

    def resize(self, key: str) -> None:
        """The value has grown, or shrunk, since it was kept."""
        kept = self._values.get(key)
        if kept is not None:
            self.put(key, kept[0])

    def drop(self, key: str) -> None:
        """Forget `key`."""
        kept = self._values.pop(key, None)
        if kept is not None:
            self._size -= kept[1]
