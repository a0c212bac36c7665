"""Faults of a node as its clients see them. The node keeps serving the other nodes."""

import asyncio


class Faults:
    """The fault switches of one node. They also affect open connections and requests in progress."""

    def __init__(self) -> None:
        self._before_work = asyncio.Event()
        self._before_reply = asyncio.Event()
        self.clear()

    def clear(self) -> None:
        """End all faults. Held requests continue, and their replies are sent late."""
        self._before_work.set()
        self._before_reply.set()
        self._slow = 0.0
        self._starting = False
        self._overloaded = False
        self._cuts = 0
        self._cut_after: int | None = None

    def hang(self, *, works: bool) -> None:
        """Read requests and never reply. `works`: execute them all the same."""
        self._before_reply.clear()
        if not works:
            self._before_work.clear()

    def slow(self, seconds: float) -> None:
        """Delay every reply."""
        self._slow = seconds

    def starting(self) -> None:
        """Behave like a node that is starting or stopping."""
        self._starting = True

    def overload(self) -> None:
        """Refuse every request as overload."""
        self._overloaded = True

    def cut(self, replies: int, after: int | None) -> None:
        """Cut the connection in the next replies, after this number of bytes; by default after half a reply."""
        self._cuts = replies
        self._cut_after = after

    def error(self, code: int) -> str | None:
        """The error that answers every request, if any."""
        if self._starting:
            return f"Unknown message code: {code}"
        return "overload" if self._overloaded else None

    async def before_work(self) -> None:
        """Wait until a request may be executed."""
        await self._before_work.wait()

    async def before_reply(self) -> None:
        """Wait until a reply may be sent."""
        if self._slow:
            await asyncio.sleep(self._slow)
        await self._before_reply.wait()

    def cut_at(self, size: int) -> int | None:
        """The number of bytes to send before the cut; `None`: send the whole reply."""
        if not self._cuts:
            return None
        self._cuts -= 1
        return min(size // 2 if self._cut_after is None else self._cut_after, size - 1)
