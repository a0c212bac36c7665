"""A feed that this process watches."""

import asyncio
from collections.abc import Iterable

from notification.domain.events import Event, WatchedFeed
from notification.services.listener import Listener
from notification.storage.store import Context


class Topic:
    """A watched feed and its listeners.

    `context`: the causal context of the feed when it was last read. `users`: number of callers that listen or wait for
    the load. `loading`: the task that loads the feed; `None` once it has succeeded. `quiet`: whether no event was
    published since the last poll.
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
        """Wait until the feed is loaded, and raise the error of the load. Return `False` if the load was cancelled."""
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
        """Cancel the load, if it is in progress."""
        loading = self.loading
        if loading is not None:
            loading.cancel()
            if loading.done() and not loading.cancelled():
                loading.exception()  # retrieves the error, because no caller waits for the load any more
