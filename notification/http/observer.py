"""Instrumentation hooks of the HTTP layer."""

from typing import Final

from notification.services.observer import ServiceObserver


class RequestObserver(ServiceObserver):
    """Instrumentation hooks; no-ops by default."""

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A reply began `seconds` after its request. `route`: the pattern of the path, or `unmatched`."""


NULL_OBSERVER: Final = RequestObserver()
"""Observes nothing."""
