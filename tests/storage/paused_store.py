"""A store in memory that takes each step of a call only when a test lets it, and a loop whose time the test sets."""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from notification.storage.store import Capabilities, Context, Fetched, Stored

T = TypeVar("T")

SETTLED: Final = 25
"""Iterations of the loop after which nothing is ready to run: several times the longest chain of awaits."""


class StillLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only in `pass_time`. `failures`: the contexts of unhandled exceptions."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self.failures: list[Mapping[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.failures.append(context))

    def time(self) -> float:
        return self._now

    def settle(self) -> None:
        """Run everything that can run now."""
        for _ in range(SETTLED):
            self.call_soon(self.stop)
            self.run_forever()

    def pass_time(self, seconds: float) -> None:
        self._now += seconds
        self.settle()


@dataclass(eq=False)
class Call:
    """A call in progress. Its request is delivered first, and then, after its effect, its reply."""

    effect: Callable[[], Any]
    gate: asyncio.Future[None]
    replying: bool = False
    abandoned: bool = False


@dataclass
class Siblings:
    """The values of one key, which all processes share. A context is the largest dot and the number of values."""

    rows: dict[int, bytes] = field(default_factory=dict)
    dots: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def look(self) -> Context | None:
        return f"{max(self.rows)} {len(self.rows)}".encode() if self.rows else None

    def fetch(self, unless: Context | None) -> Fetched | None:
        if unless is not None and self.look() == unless:
            return None
        return Fetched(tuple(self.rows.values()), self.look())

    def put(self, value: bytes, context: Context | None, *, as_sibling: bool, if_unchanged: bool) -> Stored:
        seen, kept = map(int, context.split()) if context else (0, 0)
        if if_unchanged and self.look() != context:
            return Stored(None, len(self.rows))
        if not as_sibling:
            self.rows = {dot: row for dot, row in self.rows.items() if dot > seen}
        known = self.look() == (context if as_sibling else None)
        self.rows[next(self.dots)] = value
        if not known:
            return Stored(None, len(self.rows))
        return Stored(f"{max(self.rows)} {len(self.rows)}".encode(), kept + 1 if as_sibling else 1)

    def delete(self, context: Context | None) -> None:
        seen = int(context.split()[0]) if context else 0
        self.rows = {dot: row for dot, row in self.rows.items() if dot > seen}


class PausedStore:
    """The store of one process on `siblings`. `calls`: the calls in progress. A call whose task is cancelled may still
    have its effect."""

    def __init__(self, siblings: Siblings, max_siblings: int = 1, *, conditional_put: bool = False) -> None:
        self.siblings = siblings
        self.capabilities = Capabilities(conditional_put=conditional_put, max_siblings=max_siblings)
        self.calls: list[Call] = []
        self.puts = 0

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        return await self._called(lambda: self.siblings.fetch(unless))

    async def put(
        self,
        bucket: str,
        key: str,
        value: bytes,
        context: Context | None,
        *,
        as_sibling: bool = False,
        if_unchanged: bool = False,
    ) -> Stored:
        self.puts += 1
        if_unchanged = if_unchanged and self.capabilities.conditional_put
        return await self._called(
            lambda: self.siblings.put(value, context, as_sibling=as_sibling, if_unchanged=if_unchanged)
        )

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        await self._called(lambda: self.siblings.delete(context))

    async def keys(self, bucket: str) -> list[str]:
        raise NotImplementedError

    async def health(self) -> Mapping[str, str | None]:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    def go_on(self, call: Call) -> None:
        """Let a call take its next step."""
        if call.abandoned:
            call.effect()
            self.calls.remove(call)
        else:
            call.gate.set_result(None)

    def fail(self, call: Call, error: Exception) -> None:
        """Lose the call's request or its reply."""
        if call.abandoned:
            self.calls.remove(call)
        else:
            call.gate.set_exception(error)

    async def _called(self, effect: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        call = Call(effect, loop.create_future())
        self.calls.append(call)
        try:
            await call.gate
            outcome = effect()
            call.gate, call.replying = loop.create_future(), True
            await call.gate
        except asyncio.CancelledError:
            call.abandoned = not call.replying
            raise
        finally:
            if not call.abandoned:
                self.calls.remove(call)
        return outcome
