"""A feed that this process watches."""

import asyncio
from collections.abc import Iterable

from notification.domain.events import Event, WatchedFeed
from notification.services.listener import Listener
from notification.storage.store import Context


class Topic:
    """A watched feed and its listeners.

    `context`: that of the stored feed when it was last read. `users`: number of callers that listen or wait for the
    load. `loading`: the load, until it has succeeded. `quiet`: whether nothing has happened since the last poll.
    """

    __slots__ = ("context", "listeners", "loading", "quiet", "username", "users", "watched")

    def __init__(self, username: str) -> None:
        self.username = username
        self.watched = WatchedFeed()
        self.context: Context | None = None
        self.listeners: set[Listener] = set()
        self.users = 0
        self.quiet = True
        self.loading: asyncio.Task[None] | None = None

    async def loaded(self) -> bool:
        """Wait for the load and raise its error, if any. Return `False` if the service stopped the load."""
        loading = self.loading
        if loading is None:
            return True
        await asyncio.wait([loading])
        if not loading.cancelled():
            loading.result()
        return not loading.cancelled()

    def publish(self, events: Iterable[Event]) -> None:
        """Queue events for every listener."""
        heard = list(events)
        if heard:
            self.quiet = False
            for listener in self.listeners:
                listener.publish(heard)

    def stop(self) -> None:
        """Stop loading."""
        loading = self.loading
        if loading is not None:
            loading.cancel()
            if loading.done() and not loading.cancelled():
                loading.exception()  # retrieve the error, because no caller is left to do so
