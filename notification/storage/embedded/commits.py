"""Group commit: a thread commits the writes of many tasks in one transaction."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeVar

from notification.storage.embedded.failures import FULL, code_of
from notification.storage.embedded.sequence import Mark, Sequence

T = TypeVar("T")
Write = Callable[[sqlite3.Connection], T]
"""Runs its statements inside the transaction and returns their result."""

MAX_BATCH: Final = 512
"""Maximum number of writes in a transaction. This is enough to make the cost of an fsync negligible, and few enough
that the first write does not wait long."""


class _PendingWrite(NamedTuple):
    write: Write[Any]
    mark: Mark | None
    outcome: asyncio.Future[Any]


class CommitUncertain(sqlite3.OperationalError):
    """The commit failed during or after the fsync, so the write might exist after a restart."""


class Committer:
    """Owns the only connection of this process that writes. A write returns after the commit that contains it.

    `check` runs in the thread before each transaction and after its commit, and raises `OSError` if the file was
    deleted or replaced. If it raises before the transaction, nothing is written; if it raises after the commit, the
    writes are not acknowledged. `sequence` announces each transaction to the readers of all processes.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        check: Callable[[], None] = lambda: None,
        sequence: Sequence | None = None,
    ) -> None:
        self._connection = connection
        self._check = check
        self._gathered: list[_PendingWrite] = []
        self._sequence = sequence or Sequence()
        self._queue: queue.SimpleQueue[_PendingWrite | None] = queue.SimpleQueue()
        self._closed = False
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)
        self._thread.start()

    async def commit(self, write: Write[T], mark: Mark | None = None) -> T:
        """Run `write` in the next transaction and return its result. It may run more than once.

        `mark`: the mark of the key that `write` changes; see `Sequence.announce`.

        Raises `sqlite3.Error` or `OSError` if nothing was stored, `CommitUncertain` if the write might be stored.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()
        if self._closed:
            raise sqlite3.ProgrammingError("the store is closed")
        if not self._gathered:
            loop.call_soon(self._hand_over)
        self._gathered.append(_PendingWrite(write, mark, outcome))
        return await outcome

    async def close(self) -> None:
        """Commit the waiting writes and stop the thread."""
        self._closed = True
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        """Pass the writes of one turn of the event loop to the thread together.

        If each write were passed on at once, the thread would begin a transaction with only the first one as soon as
        the event loop's thread releases the interpreter's lock, which it does at every read.
        """
        gathered, self._gathered = self._gathered, []
        for pending in gathered:
            self._queue.put(pending)

    def _run(self) -> None:
        while not self._ending and (first := self._queue.get()) is not None:
            self._serve([first])
        self._connection.close()

    def _serve(self, batch: list[_PendingWrite]) -> None:
        """Commit all waiting writes in one transaction. If one of them makes it fail, commit each write separately."""
        outcomes = self._attempt(batch, fill=True)
        if len(batch) > 1 and _is_caused_by_one_write(outcomes[0]):
            outcomes = [self._attempt([waiting], fill=False)[0] for waiting in batch]
        _deliver(batch, outcomes)

    def _attempt(self, batch: list[_PendingWrite], *, fill: bool) -> list[Any]:
        """Return the result of each write. If the transaction fails, return its error once for each write."""
        try:
            return self._transact(batch, fill=fill)
        except Exception as error:  # noqa: BLE001  # a caller waits for the outcome, and the thread must survive
            self._roll_back()
            return [error] * len(batch)

    def _transact(self, batch: list[_PendingWrite], *, fill: bool) -> list[Any]:
        """Commit `batch` and return the results of its writes. If `fill`, add the waiting writes to it first.

        Writes are added before the transaction begins, so that they all fail together if the file stays locked, instead
        of waiting for the lock one after the other. Writes that arrive in the meantime are added once it has begun.
        """
        self._check()
        if fill:
            self._fill(batch)
        self._connection.execute("BEGIN IMMEDIATE")
        if fill:
            self._fill(batch)
        marks = [waiting.mark for waiting in batch if waiting.mark is not None]
        self._sequence.compare(marks)
        results = [waiting.write(self._connection) for waiting in batch]
        number = self._sequence.announce(marks)
        self._commit()
        self._sequence.end(number)
        try:
            self._check()
        except OSError as error:
            raise CommitUncertain(str(error)) from error
        return results

    def _fill(self, batch: list[_PendingWrite]) -> None:
        while len(batch) < MAX_BATCH and not self._ending:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return
            if waiting is None:
                self._ending = True
            else:
                batch.append(waiting)

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if code_of(error) in (FULL, sqlite3.SQLITE_BUSY):
                raise  # the frame that completes the commit was not written
            raise CommitUncertain(str(error)) from error

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # if this fails, the next transaction fails too, and rolls back
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _is_caused_by_one_write(outcome: object) -> bool:
    """Whether a single write might be the cause. If the file is locked, full or deleted, every write fails."""
    return isinstance(outcome, Exception) and not isinstance(outcome, sqlite3.OperationalError | OSError)


def _deliver(batch: Iterable[_PendingWrite], outcomes: Iterable[Any]) -> None:
    """Pass the outcomes to the event loop in one call."""
    delivered = list(zip(batch, outcomes, strict=True))
    loop = delivered[0][0].outcome.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, delivered)


def _settle(delivered: Iterable[tuple[_PendingWrite, Any]]) -> None:
    for waiting, outcome in delivered:
        if waiting.outcome.done():
            continue
        if isinstance(outcome, Exception):
            waiting.outcome.set_exception(outcome)
        else:
            waiting.outcome.set_result(outcome)
