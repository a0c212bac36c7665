"""What the use cases report of feeds and their subscribers."""

from typing import Final

from notification.storage.observer import StorageObserver


class ServiceObserver(StorageObserver):
    """Instrumentation hooks; no-ops by default."""

    def created(self, notifications: int) -> None:
        """So many were created."""

    def removed(self, notifications: int) -> None:
        """So many were removed, one by one or all at once."""

    def trimmed(self, notifications: int) -> None:
        """So many left the window of their feed, because newer ones came."""

    def subscribers(self, listening: int) -> None:
        """So many listen to streams of this process now."""


NULL_OBSERVER: Final = ServiceObserver()
"""Observes nothing."""
