"""What the lower layers tell whoever counts: plain calls of plain values, so that they know of no metrics library."""

from typing import Final


class Observer:
    """Is told what happens, and does nothing. Its methods are called on hot paths: they return at once, never raise."""

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A reply began `seconds` after its request; `route`: the path's pattern, or `unmatched`."""

    def store_call(self, node: str, operation: str, outcome: str, seconds: float) -> None:
        """One try at one node (`host:port`, or `embedded`) has ended. For outcomes see `stores/observed.py`."""

    def node_in_use(self, node: str, in_use: bool) -> None:
        """Whether requests go to a node from now on."""

    def cache(self, bucket: str, hit: bool) -> None:
        """The store was asked for a value; a hit: nothing was written since it was cached."""

    def siblings_read(self, bucket: str, siblings: int) -> None:
        """A read brought so many siblings, which were merged where there are several; 0: there is no value."""

    def put_combined(self, bucket: str, changes: int) -> None:
        """A put carries so many changes; none where it only writes back merged siblings."""

    def corrupt(self, bucket: str) -> None:
        """A stored value did not decode."""

    def created(self, notifications: int) -> None:
        """So many were created."""

    def removed(self, notifications: int) -> None:
        """So many were removed, one by one or all at once."""

    def trimmed(self, notifications: int) -> None:
        """So many left the window of their feed, because newer ones came."""

    def subscribers(self, listening: int) -> None:
        """So many listen to streams of this process now."""


NOBODY: Final = Observer()
"""The observer where nothing is counted."""
