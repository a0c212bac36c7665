"""Group commit: writes from many tasks, committed together by one thread."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeVar

T = TypeVar("T")
Write = Callable[[sqlite3.Connection], T]
"""Statements to run inside the transaction, and what they found."""

LARGEST_BATCH: Final = 512
"""Writes in one transaction: enough that the fsync no longer counts, few enough that the first need not wait long."""


class _Waiting(NamedTuple):
    write: Write[Any]
    outcome: asyncio.Future[Any]


class Committer:
    """Owns the one connection that writes. A write's result is given after the commit that contains it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)
        self._thread.start()

    async def commit(self, write: Write[T]) -> T:
        """Run `write` in the next transaction. Raises `sqlite3.Error` where that failed: nothing of it was kept."""
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
        going_on = True
        while going_on and (first := self._queue.get()) is not None:
            going_on = self._transact(first)
        self._connection.close()

    def _transact(self, first: _Waiting) -> bool:
        """One transaction with everything that waits once it may begin. Tells whether there may be more to come."""
        batch = [first]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            going_on = self._fill(batch)
            results = [waiting.write(self._connection) for waiting in batch]
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  # whatever it was, someone waits for it, and the thread must live on
            self._roll_back()
            _tell(batch, [error] * len(batch))
            return True
        _tell(batch, results)
        return going_on

    def _fill(self, batch: list[_Waiting]) -> bool:
        while len(batch) < LARGEST_BATCH:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return True
            if waiting is None:
                return False
            batch.append(waiting)
        return True

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


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
