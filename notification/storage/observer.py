"""Instrumentation hooks of the storage layer. They are plain method calls, so storage needs no metrics library."""

import time
from types import TracebackType
from typing import Final

from notification.domain.errors import StoreError, StoreUnavailable
from notification.riak.observer import NodeObserver


class StorageObserver(NodeObserver):
    """Instrumentation hooks; no-ops by default."""

    def cache(self, bucket: str, hit: bool) -> None:
        """Called after a read. `hit`: whether nothing was written since the value was cached."""

    def siblings_read(self, bucket: str, siblings: int) -> None:
        """Called when a read returned this number of siblings; 0 if the key has no value."""

    def put_combined(self, bucket: str, changes: int) -> None:
        """Called before a put that contains this number of changes; 0 if it only writes back merged siblings."""

    def corrupt(self, bucket: str) -> None:
        """Called when a stored value is corrupt."""


NULL_OBSERVER: Final = StorageObserver()
"""Ignores every call."""


class ObservedCall:
    """A context manager that times one call of a store without nodes and reports it.

    It reports the same outcomes as a call of a Riak node. `ok`: the call succeeded. `unavailable`: there was no usable
    answer. `refused`: every node would return this error. `cancelled`: the caller stopped waiting, usually because a
    deadline passed.
    """

    __slots__ = ("_began", "_node", "_observer", "_operation")

    def __init__(self, observer: StorageObserver, node: str, operation: str) -> None:
        self._observer = observer
        self._node = node
        self._operation = operation

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = time.perf_counter() - self._began
        self._observer.store_call(self._node, self._operation, _outcome(error), seconds)


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "ok"
    if isinstance(error, StoreUnavailable):
        return "unavailable"
    return "refused" if isinstance(error, StoreError) else "cancelled"
