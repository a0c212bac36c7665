"""The only code that reads, merges and writes back a mergeable value.

Every value in a bucket is a join semilattice (`siblings/`), so no acknowledged change is lost, even if changes are
applied to a stale value, put twice, or put by several processes at once. To save round trips, each key has one writer
per process, and all changes that arrive during a put share the next put.
"""

import asyncio
import random
from collections.abc import Callable
from functools import partial
from sys import getsizeof
from typing import Final, Generic, NamedTuple, TypeVar

import structlog

from notification.domain.errors import NotStored, Outcome, StoreError, StoreUnavailable, Unstorable
from notification.storage.cached_values import CachedValues
from notification.storage.observer import NULL_OBSERVER, StorageObserver
from notification.storage.store import Context, Store
from notification.storage.write_queue import PendingChange, WriteQueue
from siblings import Mergeable

T = TypeVar("T")
R = TypeVar("R")

Change = Callable[[T, R | None], tuple[T, R]]
"""`(value, previous_result) -> (delta, result)`; a pure function. `previous_result` is the result of the last time that
the change was applied for the same request, and `None` the first time. If a value already contains the change, merging
the delta into that value changes nothing."""

REPAIR_DELAY: Final = 0.1
"""Maximum random delay, in seconds, before a merge is repeated because siblings appeared during it. Without the delay,
two processes could interrupt each other's merges again and again."""

CANCELLATION: Final = 1.0
"""Maximum time, in seconds, that `Bucket.close` waits for the writers that it has cancelled."""

log = structlog.get_logger()


class Peeked(NamedTuple, Generic[T]):
    """A value and its causal context, as they were read."""

    value: T
    context: Context | None


class Bucket(Generic[T]):
    """The values of one bucket of a store.

    `capacity`: size of the cache in bytes. `size_of`: returns the size of a value in bytes. `deadline`: seconds after
    which a change raises `StoreUnavailable`, including the wait for earlier changes to the same key.
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
        self.capabilities = store.capabilities
        self._type = type_
        self._observer = observer
        self._cached = CachedValues(name, type_, store, capacity, size_of, observer)
        self._deadline = deadline
        self._queues: dict[str, WriteQueue[T]] = {}
        self._writers: set[asyncio.Task[None]] = set()
        self._repairs: dict[str, asyncio.TimerHandle] = {}

    def on_change(self, callback: Callable[[str, T], None]) -> None:
        """Call `callback` with the key and value each time this process reads or writes a value that is new to it."""
        self._cached.on_change = callback

    async def read(self, key: str) -> T:
        """Return the value with all siblings merged; the type's least value if the key has no value.

        If there are more siblings than the store keeps cheaply, they are written back as one value in the background
        (read repair). Raises `StoreUnavailable`, and `CorruptValue` if a sibling can't be decoded.
        """
        snapshot = await self._cached.refresh(key)
        if snapshot.siblings > self.capabilities.max_siblings:
            self._repair(key)
        return snapshot.value

    async def peek(self, key: str, unless: Context | None = None) -> Peeked[T] | None:
        """Return the value as `read` does, with its context, or `None` if nothing was written since `unless`.

        A key that is not cached stays uncached, so that a caller can poll many keys without filling the cache.
        """
        snapshot = await self._cached.peek(key, unless)
        if snapshot is None:
            return None
        if snapshot.siblings > self.capabilities.max_siblings:
            self._repair(key)
        return Peeked(snapshot.value, snapshot.context)

    async def update(self, key: str, change: Change[T, R], *, fresh: bool = False, if_unchanged: bool = False) -> R:
        """Apply `change` and return its result once the store has acknowledged a value that contains it.

        `fresh`: read the value from the store after this call, and apply the change to that, even if a value is cached.
        `if_unchanged`: put the changed value only if the key has not changed since it was read, so that concurrent
        changes are applied one after the other. Stores without the capability `conditional_put` ignore this.

        Raises every error that `read` or `change` raises, including defects. `StoreUnavailable` states whether the
        change may have been stored. If the caller is cancelled before the put begins, nothing is changed.
        """
        loop = asyncio.get_running_loop()
        pending = PendingChange(change, fresh or if_unchanged, if_unchanged, loop.create_future())
        queue = self._queue(key)
        queue.add(pending)
        timer = loop.call_later(self._deadline, self._expire, pending)
        try:
            result: R = await pending.done
        finally:
            timer.cancel()
            queue.leave(pending)
        return result

    async def delete(self, key: str) -> None:
        """Remove all values of a key that were written before the call."""
        await self._cached.delete(key)

    async def close(self) -> None:
        """Wait until every change is written, but at most `deadline` seconds; then cancel the remaining writers.

        Siblings that remain are merged by the next reader of their key.
        """
        try:
            async with asyncio.timeout(self._deadline):
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

    def _expire(self, pending: PendingChange[T]) -> None:
        pending.fail(NotStored(f"{self.name} was not written within {self._deadline} s"))

    def _repair(self, key: str) -> None:
        timer = self._repairs.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._queue(key).repair = True

    def _queue(self, key: str) -> WriteQueue[T]:
        """Return the queue of a key. If there is none, create it and start its writer."""
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = WriteQueue(key)
            self._start_writer(queue)
        return queue

    def _start_writer(self, queue: WriteQueue[T]) -> None:
        loop = asyncio.get_running_loop()
        writer = loop.create_task(self._write(queue), name=f"write {self.name}/{queue.key}")
        self._writers.add(writer)
        writer.add_done_callback(partial(self._ended, queue))

    def _ended(self, queue: WriteQueue[T], writer: asyncio.Task[None]) -> None:
        """If a writer failed, fail or bisect its batch and start another. If it was cancelled, fail all its changes.
        This is a callback, because a task that is cancelled before its first step executes no `finally` block."""
        self._writers.discard(writer)
        error = None if writer.cancelled() else writer.exception()
        if error is None and not writer.cancelled():
            return
        self._forget(queue)
        if isinstance(error, Exception):
            size = len(queue.batch)
            if size != 1 and not queue.bisecting:
                log.error("a defect made a write fail", bucket=self.name, key=queue.key, changes=size, exc_info=error)
            queue.defect(error)
            self._start_writer(queue)
        else:
            del self._queues[queue.key]
            queue.abandon(NotStored(f"the writer of {self.name} was cancelled"))

    def _forget(self, queue: WriteQueue[T]) -> None:
        """Drop the cached value after a failure, so that the next batch fetches the value again."""
        self._cached.forget(queue.key)
        queue.snapshot = None

    async def _write(self, queue: WriteQueue[T]) -> None:
        while queue:
            queue.next_batch()
            try:
                await self._write_batch(queue)
            except Unstorable:
                raise  # one change is the cause; `_ended` finds it by bisecting the batch
            except StoreError as error:
                self._forget(queue)
                queue.store_failed(error)
        del self._queues[queue.key]  # nothing was awaited since the loop's test, so a later change creates a new queue

    async def _write_batch(self, queue: WriteQueue[T]) -> None:
        """Put the batch, if it changes anything. Give a result to each caller whose change the store then holds."""
        snapshot, queue.snapshot = queue.snapshot, None
        fresh = any(pending.fresh for pending in queue.batch)
        if snapshot is None and not fresh and queue.batch:
            snapshot = self._cached.basis(queue.key)
        if snapshot is None or fresh:
            snapshot = await self._cached.refresh(queue.key)
            queue.leave_done()
        value, delta = queue.apply(self._type, snapshot.value)
        if value is snapshot.value and snapshot.siblings <= self.capabilities.max_siblings:
            queue.stored()
            return
        self._observer.put_combined(self.name, len(queue.batch))
        if_unchanged = any(pending.if_unchanged for pending in queue.batch)
        queue.count_put(1)
        try:
            complete = await self._cached.put(queue.key, snapshot, value, delta, if_unchanged=if_unchanged)
        except StoreUnavailable as error:
            queue.count_put(-int(error.outcome is Outcome.UNCHANGED))
            raise
        if complete:
            queue.stored()
        else:
            await self._resolve_siblings(queue)

    async def _resolve_siblings(self, queue: WriteQueue[T]) -> None:
        """Merge the siblings that appeared during the put. A change that the merged value contains is stored. The next
        batch applies all other changes again, such as a create whose id is at or below the merged floor."""
        snapshot = await self._cached.refresh(queue.key)
        snapshot.contended = True
        has_callers = bool(queue.batch)
        missing = queue.missing(self._type, snapshot.value)
        for pending in missing:
            pending.fresh = False  # `snapshot` was read after every change of the batch was requested
        queue.stored(missing)
        if has_callers:
            queue.snapshot, queue.repair = snapshot, snapshot.siblings > self.capabilities.max_siblings
        elif queue.key not in self._repairs:
            delay = REPAIR_DELAY * random.random()  # noqa: S311  # spreads processes, guards nothing
            self._repairs[queue.key] = asyncio.get_running_loop().call_later(delay, self._repair, queue.key)
