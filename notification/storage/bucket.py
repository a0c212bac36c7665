"""The one way to read, merge and write back a mergeable value.

Every value in a bucket is a join semilattice (`siblings/`), so a change may be applied to a stale value, put twice, or
meet siblings, and nothing that was acknowledged is lost. What is left to do here is to be quick: one writer per key
and process, which puts together whatever was asked for while the put before was under way.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from sys import getsizeof
from typing import Final, Generic, TypeVar

import structlog

from notification.domain.errors import NotStored, StoreError
from notification.storage.deadlines import Deadlines
from notification.storage.observer import NULL_OBSERVER, StorageObserver
from notification.storage.snapshots import CachedValues, Known
from notification.storage.store import Store
from notification.storage.write_queue import PendingChange, WriteQueue, apply, counted, fail, settle
from siblings import Mergeable

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


CANCELLATION: Final = 1.0
"""Seconds, at most, that closing waits for writers which it has cancelled."""

log = structlog.get_logger()


class Bucket(Generic[T]):
    """The values of one bucket of a store.

    `capacity` bounds the cache, in bytes; `size_of`: bytes that a value takes. `deadline`: seconds that a change may
    take, waiting for others of the same key included, before it ends as `StoreUnavailable`.
    """

    def __init__(
        self,
        name: str,
        type_: Mergeable[T],
        store: Store,
        *,
        capacity: int = 64 * 1024 * 1024,
        size_of: Callable[[T], int] = getsizeof,
        deadline: float = 10.0,
        observer: StorageObserver = NULL_OBSERVER,
    ) -> None:
        self.name = name
        self._type = type_
        self._observer = observer
        self._cached = CachedValues(name, type_, store, capacity, size_of, observer)
        self._deadlines: Deadlines[PendingChange[T]] = Deadlines(deadline, self._give_up)
        self._queues: dict[str, WriteQueue[T]] = {}
        self._writers: set[asyncio.Task[None]] = set()
        self._repairs: dict[str, asyncio.TimerHandle] = {}

    @property
    def answers_at_once(self) -> bool:
        """Whether reading never waits, so that two values need not be asked for together."""
        return self._cached.answers_at_once

    @property
    def puts_alone(self) -> bool:
        """Whether changes that have to be alone are."""
        return self._cached.puts_alone

    async def read(self, key: str) -> T:
        """The value, all siblings merged; the type's least one where there is none.

        Raises `StoreUnavailable`, and `CorruptValue` where a sibling does not decode. Siblings are written back merged,
        in the background (read repair, as Riak calls it).
        """
        known = await self._cached.refresh(key)
        if known.siblings > self._cached.siblings_kept:
            self._repair(key)
        return known.value

    async def update(self, key: str, change: Change[T, R], *, fresh: bool = False, if_unchanged: bool = False) -> R:
        """Apply `change`; return what it gave, once the store has acknowledged a value that contains it.

        `fresh`: apply it to what the store holds now or later, even where the cache knows a value. `if_unchanged`: to be put
        only where it was applied to all that there is, so that two changes do not meet; no more than a wish where the
        store does not `puts_alone`. Raises as `read` does, and what `change` raises, a defect included;
        `StoreUnavailable` says what is known of the outcome. If the caller is cancelled before its change is being
        written, the change is not made.
        """
        pending = PendingChange(change, fresh or if_unchanged, if_unchanged, asyncio.get_running_loop().create_future())
        queue = self._queue(key)
        queue.add(pending)
        deadline = self._deadlines.set(pending)
        try:
            result: R = await pending.done
        finally:
            self._deadlines.meet(deadline)
            queue.leave(pending)
        return result

    async def delete(self, key: str) -> None:
        """Remove the key, as far as it was written when this was called."""
        await self._cached.delete(key)

    def on_learned(self, tell: Callable[[str, T], None]) -> None:
        """Have `tell` called with every key and value that this process learns of, by reading or writing."""
        self._cached.learned = tell

    async def close(self) -> None:
        """Wait until every change is written, at most as long as a change may take, then cancel the writers that are
        left. Siblings that are left wait for their next reader."""
        try:
            async with asyncio.timeout(self._deadlines.seconds):
                while self._writers:
                    await asyncio.wait(self._writers)
        except TimeoutError:
            log.warning("writers cancelled", bucket=self.name, writers=len(self._writers))
        finally:
            for repair in self._repairs.values():
                repair.cancel()
            self._repairs.clear()
            hanging = list(self._writers)
            for writer in hanging:
                writer.cancel()
        if hanging:
            await asyncio.wait(hanging, timeout=CANCELLATION)

    def _give_up(self, pending: PendingChange[T]) -> None:
        fail([pending], NotStored(f"{self.name} was not written within {self._deadlines.seconds} s"))

    def _repair(self, key: str) -> None:
        timer = self._repairs.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._queue(key).repair = True

    def _queue(self, key: str) -> WriteQueue[T]:
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = WriteQueue()
            self._start_writer(key, queue)
        return queue

    def _start_writer(self, key: str, queue: WriteQueue[T]) -> None:
        writer = asyncio.create_task(self._write(key, queue), name=f"write {self.name}/{key}")
        self._writers.add(writer)
        writer.add_done_callback(lambda ended: self._ended(key, queue, ended))

    def _ended(self, key: str, queue: WriteQueue[T], writer: asyncio.Task[None]) -> None:
        """However its writer ended, no caller is left in the queue."""
        self._writers.discard(writer)
        error = None if writer.cancelled() else writer.exception()
        if error is None and not writer.cancelled():
            return
        self._cached.forget(key)
        queue.known = None
        if isinstance(error, Exception):
            self._narrow_down(key, queue, error)
            self._start_writer(key, queue)
        else:  # cancelled, maybe before its first step
            del self._queues[key]
            fail(queue, NotStored(f"the writer of {self.name} was cancelled"))

    def _narrow_down(self, key: str, queue: WriteQueue[T], error: Exception) -> None:
        """A round has met a defect. One change of the batch may be its cause, and is to fail alone, with an error that
        its caller logs: halves of the batch are tried, and halves of those."""
        if len(queue.batch) == 1:
            fail(queue.batch, error)
            return
        if not queue.narrowing:
            log.error("a write met a defect", bucket=self.name, key=key, changes=len(queue.batch), exc_info=error)
        if queue.batch:
            queue.split()

    async def _write(self, key: str, queue: WriteQueue[T]) -> None:
        while queue:
            queue.next_batch()
            try:
                await self._round(key, queue)
            except StoreError as error:
                self._cached.forget(key)
                queue.known = None
                fail(queue.batch, error)
        del self._queues[key]  # in the same step as the last look at it: a change that comes now opens a new one

    async def _round(self, key: str, queue: WriteQueue[T]) -> None:
        """One put, where one is needed; those whose changes the store now holds are told."""
        known = await self._basis(key, queue)
        queue.leave_done()
        value, delta = self._changed(known.value, queue.batch)
        unchanged = value is known.value and known.siblings <= self._cached.siblings_kept
        if not unchanged:
            self._observer.put_combined(self.name, len(queue.batch))
        if_unchanged = any(pending.if_unchanged for pending in queue.batch)
        if unchanged or await counted(
            queue.batch, self._cached.put(key, known, value, delta, if_unchanged=if_unchanged)
        ):
            settle(queue.batch)
        else:
            await self._meet_siblings(key, queue)

    async def _basis(self, key: str, queue: WriteQueue[T]) -> Known[T]:
        """What the batch is applied to: read by the round before, cached, or fetched. A change that asked to be `fresh`
        after that round began to read gets a fetch of its own."""
        known, queue.known = queue.known, None
        fresh = any(pending.fresh for pending in queue.batch)
        if known is None:
            known = self._cached.recall(key)
            fresh = fresh or known is None or known.contended or not queue.batch
        return await self._cached.refresh(key) if known is None or fresh else known

    async def _meet_siblings(self, key: str, queue: WriteQueue[T]) -> None:
        """The put found others. Those changes that the merged value contains are done; the rest, such as
        creates that a floor has overtaken, have another turn."""
        known = await self._cached.refresh(key)
        known.contended = True
        lost = [pending for pending in queue.batch if not self._contains(known.value, pending)]
        for pending in lost:
            pending.fresh = False  # `known` was read after all of the batch was asked for
        settle(pending for pending in queue.batch if pending not in lost)
        queue.again(lost)
        if queue.batch:
            queue.known, queue.repair = known, known.siblings > self._cached.siblings_kept
        elif key not in self._repairs:
            delay = REPAIR_DELAY * random.random()  # noqa: S311  # spreads processes, guards nothing
            self._repairs[key] = asyncio.get_running_loop().call_later(delay, self._repair, key)

    def _changed(self, value: T, batch: Iterable[PendingChange[T]]) -> tuple[T, T]:
        """The value after every change of a batch, one after the other, and what they add to it: their delta."""
        total = self._type.least
        for pending in batch:
            applied = apply(self._type, value, pending)
            if applied is not None:
                value, delta = applied
                total = delta if total is self._type.least else self._type.merge(total, delta)
        return value, total

    def _contains(self, value: T, pending: PendingChange[T]) -> bool:
        """Whether nothing is left to do for a change. What it gives then is what it gives now that others are known."""
        applied = apply(self._type, value, pending)
        return applied is None or applied[0] is value
