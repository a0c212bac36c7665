"""The one way to read, merge and write back a mergeable value.

Every value in a bucket is a join semilattice (`siblings/`), so a change may be applied to a stale value, put twice, or
meet siblings, and nothing that was acknowledged is lost. What is left to do here is to be quick: one writer per key
and process, which puts together whatever was asked for while the put before was under way.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from sys import getsizeof
from typing import Any, Final, Generic, TypeVar

from notification.errors import NotificationError, StoreError, StoreUnavailable
from notification.observer import NOBODY, Observer
from notification.overdue import Deadlines
from notification.replica import Known, Replica
from notification.stores.interface import Store
from siblings import Mergeable
from siblings.ksuid import NoIdLeft

T = TypeVar("T")
R = TypeVar("R")

Change = Callable[[T, R | None], tuple[T, R]]
"""A pure function of a value and of what it gave when it was applied before for the same request (`None`: it was not),
to what is to be merged into the value, and what its caller gets. For a value that contains its effect, merging that
changes nothing.
"""

REPAIR_DELAY: Final = 0.1
"""Seconds, at most, until siblings are merged again that came while siblings were merged; a random part of it, so that
two processes do not go on meeting each other."""


@dataclass(slots=True)
class _Waiting(Generic[T]):
    """A change that somebody waits for. `result` is what it gave when it was applied last."""

    change: Change[T, Any]
    fresh: bool
    alone: bool
    done: asyncio.Future[Any]
    result: Any = None


@dataclass(slots=True)
class _Line(Generic[T]):
    """Those who wait to change one key, those whose turn it is, and what the last round has read."""

    waiting: list[_Waiting[T]] = field(default_factory=list)
    turn: list[_Waiting[T]] = field(default_factory=list)
    known: Known[T] | None = None
    repair: bool = False


class Bucket(Generic[T]):
    """The values of one bucket of a store.

    `capacity` bounds the cache, in bytes; `weigh`: bytes that a value takes. `deadline`: seconds that a change may
    take, waiting for others of the same key included, before it ends as `StoreUnavailable`.
    """

    def __init__(
        self,
        name: str,
        type_: Mergeable[T],
        store: Store,
        *,
        capacity: int = 64 * 1024 * 1024,
        weigh: Callable[[T], int] = getsizeof,
        deadline: float = 10.0,
        observer: Observer = NOBODY,
    ) -> None:
        self.name = name
        self._type = type_
        self._observer = observer
        self._replica = Replica(name, type_, store, capacity, weigh, observer)
        self._deadlines: Deadlines[_Waiting[T]] = Deadlines(deadline, self._give_up)
        self._lines: dict[str, _Line[T]] = {}
        self._writers: set[asyncio.Task[None]] = set()
        self._repairs: dict[str, asyncio.TimerHandle] = {}

    @property
    def answers_at_once(self) -> bool:
        """Whether reading never waits, so that two values need not be asked for together."""
        return self._replica.answers_at_once

    @property
    def puts_alone(self) -> bool:
        """Whether changes that have to be alone are."""
        return self._replica.puts_alone

    async def read(self, key: str) -> T:
        """The value, all siblings merged; the type's least one where there is none.

        Raises `StoreUnavailable`, and `CorruptValue` where a sibling does not decode. Siblings are written back merged,
        in the background (read repair, as Riak calls it).
        """
        known = await self._replica.refresh(key)
        if known.siblings > self._replica.siblings_kept:
            self._repair(key)
        return known.value

    async def update(self, key: str, change: Change[T, R], *, fresh: bool = False, alone: bool = False) -> R:
        """Apply `change`; return what it gave, once the store has acknowledged a value that contains it.

        `fresh`: apply it to what the store holds now, even where the cache knows a value. `alone`: to be put only where
        it was applied to all that there is, so that two changes do not meet; no more than a wish where the store does
        not `puts_alone`. Raises as `read` does, and what `change` raises; after `StoreUnavailable` the outcome is
        unknown.
        """
        waiting = _Waiting(change, fresh or alone, alone, asyncio.get_running_loop().create_future())
        self._line(key).waiting.append(waiting)
        deadline = self._deadlines.set(waiting)
        try:
            result: R = await waiting.done
        finally:
            deadline.met = True
        return result

    async def delete(self, key: str) -> None:
        """Remove the key, as far as it was written when this was called."""
        await self._replica.delete(key)

    def on_learned(self, tell: Callable[[str, T], None]) -> None:
        """Have `tell` called with every key and value that this process learns of, by reading or writing."""
        self._replica.learned = tell

    async def close(self) -> None:
        """Wait until every change is written. Siblings that are left wait for their next reader."""
        while self._writers:
            await asyncio.wait(self._writers)
        for repair in self._repairs.values():
            repair.cancel()

    def _give_up(self, waiting: _Waiting[T]) -> None:
        _fail([waiting], StoreUnavailable(f"{self.name} was not written within {self._deadlines.seconds} s"))

    def _repair(self, key: str) -> None:
        self._repairs.pop(key, None)
        self._line(key).repair = True

    def _line(self, key: str) -> _Line[T]:
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = _Line()
            writer = asyncio.create_task(self._write(key, line), name=f"write {self.name}/{key}")
            self._writers.add(writer)
            writer.add_done_callback(lambda ended: self._ended(key, line, ended))
        return line

    def _ended(self, key: str, line: _Line[T], writer: asyncio.Task[None]) -> None:
        """However its writer ended, nobody is left standing in the line."""
        self._writers.discard(writer)
        if not writer.cancelled() and (error := writer.exception()) is not None:
            self._replica.forget(key)
            _fail([*line.turn, *line.waiting], error)

    async def _write(self, key: str, line: _Line[T]) -> None:
        try:
            while line.waiting or line.repair:
                line.turn = [waiting for waiting in line.waiting if not waiting.done.done()]
                line.waiting, line.repair = [], False
                await self._take_turn(key, line)
        finally:
            del self._lines[key]  # in the same step as the last look at it: whoever comes now opens a new line

    async def _take_turn(self, key: str, line: _Line[T]) -> None:
        try:
            await self._round(key, line)
        except StoreError as error:
            self._replica.forget(key)
            line.known = None
            _fail(line.turn, error)

    async def _round(self, key: str, line: _Line[T]) -> None:
        """One put, where one is needed; those whose changes the store now holds are told."""
        known = await self._basis(key, line)
        value, delta = self._changed(known.value, line.turn)
        unchanged = value is known.value and known.siblings <= self._replica.siblings_kept
        if not unchanged:
            self._observer.put_combined(self.name, len(line.turn))
        alone = any(waiting.alone for waiting in line.turn)
        if unchanged or await self._replica.put(key, known, value, delta, alone=alone):
            _settle(line.turn)
        else:
            await self._meet_siblings(key, line)

    async def _basis(self, key: str, line: _Line[T]) -> Known[T]:
        """What the turn's changes are applied to: just read by the round before, cached, or fetched."""
        known, line.known = line.known, None
        if known is not None:
            return known
        known = self._replica.recall(key)
        ask = known is None or known.contended or not line.turn or any(waiting.fresh for waiting in line.turn)
        return known if known is not None and not ask else await self._replica.refresh(key)

    async def _meet_siblings(self, key: str, line: _Line[T]) -> None:
        """The put found others. Those changes that the merged value contains are done; the rest, such as
        creates that a floor has overtaken, have another turn."""
        known = await self._replica.refresh(key)
        known.contended = True
        lost = [waiting for waiting in line.turn if not self._contains(known.value, waiting)]
        _settle(waiting for waiting in line.turn if waiting not in lost)
        line.waiting[:0] = lost
        if line.turn:
            line.known, line.repair = known, known.siblings > self._replica.siblings_kept
        elif key not in self._repairs:
            delay = REPAIR_DELAY * random.random()  # noqa: S311  # spreads processes, guards nothing
            self._repairs[key] = asyncio.get_running_loop().call_later(delay, self._repair, key)

    def _changed(self, value: T, turn: Iterable[_Waiting[T]]) -> tuple[T, T]:
        """The value after every change of a turn, one after the other, and what they add to it: their delta. A change
        that is refused is left out, and its caller told."""
        total = self._type.least
        for waiting in turn:
            try:
                delta, waiting.result = waiting.change(value, waiting.result)
            except (NotificationError, NoIdLeft) as error:
                _fail([waiting], error)
            else:
                value = self._type.merge(value, delta)
                total = delta if total is self._type.least else self._type.merge(total, delta)
        return value, total

    def _contains(self, value: T, waiting: _Waiting[T]) -> bool:
        """Whether a change is done. What it gives then is what it gives now that others are known, too."""
        try:
            delta, waiting.result = waiting.change(value, waiting.result)
        except (NotificationError, NoIdLeft):
            return False  # its next turn tells its caller
        return self._type.merge(value, delta) is value


def _settle(turn: Iterable[_Waiting[T]]) -> None:
    for waiting in turn:
        if not waiting.done.done():
            waiting.done.set_result(waiting.result)


def _fail(turn: Iterable[_Waiting[T]], error: BaseException) -> None:
    for waiting in turn:
        if not waiting.done.done():
            waiting.done.set_exception(error)
