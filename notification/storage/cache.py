"""A least-recently-used cache that is bounded in bytes."""

from collections.abc import Callable
from typing import Final, TypeVar

from cachetools import LRUCache

V = TypeVar("V")

ENTRY: Final = 360
"""Bytes that an entry takes in addition to its value and the characters of its key."""


class Cache(LRUCache[str, V]):
    """Values by key. `currsize` never exceeds `capacity`; both are in bytes. A value above `capacity` is not cached.

    `size_of` returns the size of a value in bytes. Always write with `put`, which also counts the key.
    """

    def __init__(self, capacity: int, size_of: Callable[[V], int]) -> None:
        super().__init__(capacity, lambda value: self._size)  # computed by `put`, because it includes the key
        self._size_of = size_of
        self._size = 0

    def put(self, key: str, value: V) -> None:
        """Cache `value`, and evict the least recently used entries until it fits."""
        self.pop(key, None)  # otherwise, a value that is now too large would stay cached with its old size
        self._size = ENTRY + len(key) + self._size_of(value)
        if self._size <= self.maxsize:
            self[key] = value

    def resize(self, key: str) -> None:
        """Measure the value of `key` again. Call this after the value has grown or shrunk."""
        value = self.get(key)
        if value is not None:
            self.put(key, value)
