"""The changes of one key that wait to be written, in the order of their arrival, and the batch that is being written.

A change leaves the queue with its caller, so the number of waiting callers bounds its size.

The life cycle, with one letter for each change. `a:result` means that the caller of `a` receives its result, `a:error`
that it receives an error. Halves are listed in the order in which they become the batch. A test executes each row.

| waiting | batch | halves | event               | waiting | batch | halves | callers         |
|---------|-------|--------|---------------------|---------|-------|--------|-----------------|
|         |       |        | add a               | a       |       |        |                 |
| b       | a     |        | add c               | bc      | a     |        |                 |
| ab      |       |        | next batch          |         | ab    |        |                 |
| d       |       | a bc   | next batch          | d       | a     | bc     |                 |
|         |       |        | next batch          |         |       |        |                 |
| bc      | a     |        | leave b             | c       | a     |        |                 |
| c       | ab    |        | leave b             | c       | a     |        |                 |
| d       | a     | bc     | leave b             | d       | a     | c      |                 |
| c       | ab    |        | stored              | c       |       |        | a:result b:result |
| d       | a     | bc     | stored              | d       |       | bc     | a:result        |
| c       | ab    |        | siblings without b  | bc      |       |        | a:result        |
| c       | ab    |        | siblings without ab | abc     |       |        |                 |
| d       | ab    | c      | siblings without b  | d       |       | b c    | a:result        |
| c       | ab    |        | store fails         | c       |       |        | a:error b:error |
| d       | a     | bc     | store fails         | d       |       | bc     | a:error         |
| d       | abc   |        | defect              | d       |       | a bc   |                 |
| d       | ab    | c      | defect              | d       |       | a b c  |                 |
| b       | a     |        | defect              | b       |       |        | a:error         |
| b       |       |        | defect              | b       |       |        |                 |
| d       | a     | bc     | writer cancelled    |         |       |        | a:error b:error c:error d:error |
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Generic, TypeVar

from notification.domain.errors import NotificationError, StoreUnavailable, uncertain
from notification.storage.cached_values import Snapshot
from siblings import Mergeable
from siblings.ksuid import NoIdLeft

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class PendingChange(Generic[T]):
    """A change that a caller waits for.

    `fresh`: apply it only to a value that was read after the call. `if_unchanged`: see `Store.put`. `result`: what the
    change returned when it was last applied. `puts`: number of puts that may have stored it.
    """

    change: Callable[[T, Any], tuple[T, Any]]
    fresh: bool
    if_unchanged: bool
    done: asyncio.Future[Any]
    result: Any = None
    puts: int = 0

    def apply(self, type_: Mergeable[T], value: T) -> tuple[T, T] | None:
        """Return the changed value and the delta, or `None` if the change is refused: its caller gets the error."""
        try:
            delta, self.result = self.change(value, self.result)
        except (NotificationError, NoIdLeft) as error:
            self.fail(error)
            return None
        return type_.merge(value, delta), delta

    def settle(self) -> None:
        """Give the caller its result, if it still waits."""
        if not self.done.done():
            self.done.set_result(self.result)

    def fail(self, error: Exception) -> None:
        """Give the caller an error, if it still waits. The error is `uncertain` if a put may have stored the change."""
        if not self.done.done():
            if self.puts and isinstance(error, StoreUnavailable):
                error = uncertain(error)
            self.done.set_exception(error)


@dataclass(slots=True)
class WriteQueue(Generic[T]):
    """The write queue of `key`; the module's table defines its life cycle.

    `halves`: parts of a batch that met a defect, the next one last; they are written before the waiting changes.
    `narrowing`: the batch is such a part. `snapshot`: what the previous batch
    read, if it left changes or siblings to write.
    `repair`: the key's siblings need to be merged.
    """

    key: str
    waiting: dict[PendingChange[T], None] = field(default_factory=dict)
    batch: dict[PendingChange[T], None] = field(default_factory=dict)
    halves: list[dict[PendingChange[T], None]] = field(default_factory=list)
    narrowing: bool = False
    snapshot: Snapshot[T] | None = None
    repair: bool = False

    def __bool__(self) -> bool:
        """Whether there is something to write."""
        return bool(self.waiting or self.halves or self.repair)

    def add(self, pending: PendingChange[T]) -> None:
        """Queue a change behind all others."""
        self.waiting[pending] = None

    def leave(self, pending: PendingChange[T]) -> None:
        """Remove a change. If it is being written, it may still be stored."""
        for changes in (self.waiting, self.batch, *self.halves):
            changes.pop(pending, None)

    def next_batch(self) -> None:
        """Make the next half the batch or, if there is none, all waiting changes."""
        self.narrowing = bool(self.halves)
        if self.narrowing:
            self.batch = self.halves.pop()
        else:
            self.batch, self.waiting = self.waiting, {}
        self.leave_done()
        self.repair = False

    def leave_done(self) -> None:
        """Remove the changes of the batch whose callers have an answer already."""
        self.batch = {pending: None for pending in self.batch if not pending.done.done()}

    def apply(self, type_: Mergeable[T], value: T) -> tuple[T, T]:
        """Return the value after every change of the batch, one after the other, and the merge of their deltas."""
        total = type_.least
        for pending in self.batch:
            applied = pending.apply(type_, value)
            if applied is not None:
                value, delta = applied
                total = delta if total is type_.least else type_.merge(total, delta)
        return value, total

    def missing(self, type_: Mergeable[T], value: T) -> list[PendingChange[T]]:
        """Return the changes of the batch that `value` does not contain. Applies each once more to find out."""
        return [pending for pending in self.batch if (pending.apply(type_, value) or (value,))[0] is not value]

    def count_put(self, puts: int) -> None:
        """Add to the number of puts that may have stored the batch."""
        for pending in self.batch:
            pending.puts += puts

    def stored(self, missing: Iterable[PendingChange[T]] = ()) -> None:
        """Give the callers of the batch their results. Queue the `missing` changes again, in front of all others."""
        again = dict.fromkeys(missing)
        batch, self.batch = self.batch, {}
        for pending in batch:
            if pending not in again:
                pending.settle()
        if again and self.halves:
            self.halves.append(again)
        elif again:
            self.waiting = {**again, **self.waiting}

    def store_failed(self, error: Exception) -> None:
        """Fail the batch."""
        batch, self.batch = self.batch, {}
        for pending in batch:
            pending.fail(error)

    def defect(self, error: Exception) -> None:
        """Fail a batch of one change. Split a larger one, so that the change with the defect is alone in the end."""
        if len(self.batch) == 1:
            self.store_failed(error)
        elif self.batch:
            changes, self.batch = list(self.batch), {}
            middle = len(changes) // 2
            self.halves += [dict.fromkeys(changes[middle:]), dict.fromkeys(changes[:middle])]

    def abandon(self, error: Exception) -> None:
        """Fail every change, because the writer was cancelled."""
        changes = list(chain(self.batch, *self.halves, self.waiting))
        self.batch, self.halves, self.waiting = {}, [], {}
        for pending in changes:
            pending.fail(error)
