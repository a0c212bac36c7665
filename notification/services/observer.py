"""Instrumentation hooks for the use cases."""

from typing import Final

from notification.storage.observer import StorageObserver


class ServiceObserver(StorageObserver):
    """Instrumentation hooks; no-ops by default."""

    def created(self, notifications: int) -> None:
        """Called when notifications were created."""

    def removed(self, notifications: int) -> None:
        """Called when notifications were removed."""

    def trimmed(self, notifications: int) -> None:
        """Called when newer notifications pushed others out of the window of their feed."""

    def subscribers(self, listening: int) -> None:
        """Called with the current number of stream subscribers of this process."""


NULL_OBSERVER: Final = ServiceObserver()
"""Ignores every call."""
