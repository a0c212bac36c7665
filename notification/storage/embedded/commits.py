"""Group commit: writes from many tasks, committed together by one thread."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeVar

from notification.storage.embedded.failures import FULL, code_of

T = TypeVar("T")
Write = Callable[[sqlite3.Connection], T]
"""Statements to run inside the transaction, and what they found."""

MAX_BATCH: Final = 512
"""Writes in one transaction: enough that the fsync no longer counts, few enough that the first need not wait long."""


class _Waiting(NamedTuple):
    write: Write[Any]
    outcome: asyncio.Future[Any]


class CommitUncertain(sqlite3.OperationalError):
    """The commit itself failed, as it was being synced to the disk: it may be found there after a restart."""


class Committer:
    """Owns the one connection that writes. A write's result is given after the commit that contains it.

    `check` is called in the thread before each transaction and after its commit. An `OSError` from it means that the
    file is no longer the one to write to: before, nothing is written; after, what was written is not acknowledged.
    """

    def __init__(self, connection: sqlite3.Connection, check: Callable[[], None] = lambda: None) -> None:
        self._connection = connection
        self._check = check
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)
        self._thread.start()

    async def commit(self, write: Write[T]) -> T:
        """Run `write`, which may be repeated, in the next transaction.

        Raises `sqlite3.Error` or `OSError` where nothing of it was kept, `CommitUncertain` where that is not known.
        """
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._closed:
            raise sqlite3.ProgrammingError("the store is closed")
        self._queue.put(_Waiting(write, outcome))
        return await outcome

    async def close(self) -> None:
        """Commit what waits, and end."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._ending and (first := self._queue.get()) is not None:
            self._serve([first])
        self._connection.close()

    def _serve(self, batch: list[_Waiting]) -> None:
        """One transaction with everything that waits once it may begin; if one write spoils it, one for each."""
        outcomes = self._attempt(batch, fill=True)
        if len(batch) > 1 and _is_about_one_write(outcomes[0]):
            outcomes = [self._attempt([waiting], fill=False)[0] for waiting in batch]
        _tell(batch, outcomes)

    def _attempt(self, batch: list[_Waiting], *, fill: bool) -> list[Any]:
        """What became of each write: its result, or the error."""
        try:
            return self._transact(batch, fill=fill)
        except Exception as error:  # noqa: BLE001  # whatever it was, someone waits for it, and the thread must live on
            self._roll_back()
            return [error] * len(batch)

    def _transact(self, batch: list[_Waiting], *, fill: bool) -> list[Any]:
        """Commit `batch`, with what has come meanwhile added to it. The results of its writes.

        What waits is added before the transaction too: if the file stays locked, all of it fails together, and does not
        wait for the lock one after the other.
        """
        self._check()
        if fill:
            self._fill(batch)
        self._connection.execute("BEGIN IMMEDIATE")
        if fill:
            self._fill(batch)
        results = [waiting.write(self._connection) for waiting in batch]
        self._commit()
        try:
            self._check()
        except OSError as error:
            raise CommitUncertain(str(error)) from error
        return results

    def _fill(self, batch: list[_Waiting]) -> None:
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
                raise  # the frame that makes it a commit was not written
            raise CommitUncertain(str(error)) from error

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # the next transaction fails, then, and rolls back first
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _is_about_one_write(outcome: object) -> bool:
    """Whether the batch failed and other writes of it may succeed: not if the file is locked, full or gone."""
    return isinstance(outcome, Exception) and not isinstance(outcome, sqlite3.OperationalError | OSError)


def _tell(batch: Iterable[_Waiting], outcomes: Iterable[Any]) -> None:
    """Hand the outcomes to the loop that waits for them, in one call."""
    told = list(zip(batch, outcomes, strict=True))
    loop = told[0][0].outcome.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, told)


def _settle(told: Iterable[tuple[_Waiting, Any]]) -> None:
    for waiting, outcome in told:
        if waiting.outcome.done():
            continue
        if isinstance(outcome, Exception):
            waiting.outcome.set_exception(outcome)
        else:
            waiting.outcome.set_result(outcome)
