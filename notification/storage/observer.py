"""What storage reports of reads, writes and values: plain calls, so that it needs no metrics library."""

from typing import Final

from notification.riak.observer import NodeObserver


class StorageObserver(NodeObserver):
    """Instrumentation hooks; no-ops by default."""

    def cache(self, bucket: str, hit: bool) -> None:
        """The store was asked for a value; a hit: nothing was written since it was cached."""

    def siblings_read(self, bucket: str, siblings: int) -> None:
        """A read brought so many siblings, which were merged where there are several; 0: there is no value."""

    def put_combined(self, bucket: str, changes: int) -> None:
        """A put carries so many changes; none where it only writes back merged siblings."""

    def corrupt(self, bucket: str) -> None:
        """A stored value did not decode."""


NULL_OBSERVER: Final = StorageObserver()
"""Observes nothing."""
