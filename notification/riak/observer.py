"""What the client reports of its nodes: plain calls of plain values, so that it needs no metrics library."""

from typing import Final


class NodeObserver:
    """Instrumentation hooks; no-ops by default. They are called on hot paths: they return at once and never raise."""

    def store_call(self, node: str, operation: str, outcome: str, seconds: float) -> None:
        """One try at one node (`host:port`, or `embedded`) has ended. Outcomes: see `storage/observer.py`."""

    def node_in_use(self, node: str, in_use: bool) -> None:
        """Whether requests go to a node from now on."""


NULL_OBSERVER: Final = NodeObserver()
"""Observes nothing."""
