"""Instrumentation hooks, so that the client needs no metrics library."""

from typing import Final


class NodeObserver:
    """Instrumentation hooks; no-ops by default. An override must return at once and must not raise."""

    def store_call(self, node: str, operation: str, outcome: str, seconds: float) -> None:
        """Called when an attempt at a node ends, `seconds` after it began.

        `node`: `host:port`, or `embedded` for the embedded store. `outcome`: `ok`, `unavailable`, `refused` or
        `cancelled`.
        """

    def node_in_use(self, node: str, in_use: bool) -> None:
        """Called when a node goes out of use or returns to use."""


NULL_OBSERVER: Final = NodeObserver()
"""The default observer, which ignores every call."""
