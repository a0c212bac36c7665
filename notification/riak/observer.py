"""Instrumentation hooks of the client, so that it needs no metrics library."""

from typing import Final


class NodeObserver:
    """Instrumentation hooks; no-ops by default. An override must return at once and must not raise."""

    def store_call(self, node: str, operation: str, outcome: str, seconds: float) -> None:
        """One attempt at one node ended after `seconds`.

        `node`: `host:port`, or `embedded` for the embedded store. `outcome`: `ok`, `unavailable`, `refused` or
        `cancelled`.
        """

    def node_in_use(self, node: str, in_use: bool) -> None:
        """The node went out of use, or returned to use."""


NULL_OBSERVER: Final = NodeObserver()
"""The default observer: ignores every call."""
