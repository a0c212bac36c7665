"""What can be wrong with a node as its clients see it. It goes on serving the other nodes."""

import asyncio


class Faults:
    """One node's switches. Each works on connections that are open and on requests that are under way."""

    def __init__(self) -> None:
        self._before_work = asyncio.Event()
        self._before_reply = asyncio.Event()
        self.clear()

    def clear(self) -> None:
        """Behave. Whatever was held back goes on from where it stopped, late replies included."""
        self._before_work.set()
        self._before_reply.set()
        self._slow = 0.0
        self._starting = False
        self._overloaded = False
        self._cuts = 0
        self._cut_after: int | None = None

    def hang(self, *, works: bool) -> None:
        """Read and never answer; `works`: though what is asked for is done."""
        self._before_reply.clear()
        if not works:
            self._before_work.clear()

    def slow(self, seconds: float) -> None:
        """Hold every reply back for a while."""
        self._slow = seconds

    def starting(self) -> None:
        """Have no services yet, or no more."""
        self._starting = True

    def overload(self) -> None:
        """Refuse everything for being too much."""
        self._overloaded = True

    def cut(self, replies: int, after: int | None) -> None:
        """Break the connection within the next replies, after so many bytes; half of them where none are given."""
        self._cuts = replies
        self._cut_after = after

    def error(self, code: int) -> str | None:
        """The error that answers whatever is asked."""
        if self._starting:
            return f"Unknown message code: {code}"
        return "overload" if self._overloaded else None

    async def before_work(self) -> None:
        """Wait until a request may be worked on."""
        await self._before_work.wait()

    async def before_reply(self) -> None:
        """Wait until its reply may be sent."""
        if self._slow:
            await asyncio.sleep(self._slow)
        await self._before_reply.wait()

    def cut_at(self, size: int) -> int | None:
        """How many bytes of a reply to send before cutting the connection; `None`: all, and don't."""
        if not self._cuts:
            return None
        self._cuts -= 1
        return min(size // 2 if self._cut_after is None else self._cut_after, size - 1)
