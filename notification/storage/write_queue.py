"""The changes to one key that are waiting to be written, in order of arrival, and the batch that is being written.

A change is removed when its caller stops waiting, so the number of waiting callers limits the size of the queue.

If a defect makes a batch fail, the batch is bisected until the change with the defect is alone. The resulting *parts*
are written one after the other, before the waiting changes.

The table shows the queue before and after each event; a test executes each row. A letter stands for a change.
`a:result` means that the caller of `a` receives its result, `a:error` that it receives an error. Parts are listed in
the order in which they become the batch.

| waiting | batch | parts  | event               | waiting | batch | parts  | callers         |
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
    """A change whose caller is waiting for the result.

    `fresh`: apply the change only to a value that was read after the request. `if_unchanged`: see `Store.put`.
    `result`: what the change returned when it was last applied. `puts`: number of puts that may have stored the change.
    """

    change: Callable[[T, Any], tuple[T, Any]]
    fresh: bool
    if_unchanged: bool
    done: asyncio.Future[Any]
    result: Any = None
    puts: int = 0

    def apply(self, type_: Mergeable[T], value: T) -> tuple[T, T] | None:
        """Return the changed value and the delta. If the change is refused, fail it and return `None`."""
        try:
            delta, self.result = self.change(value, self.result)
        except (NotificationError, NoIdLeft) as error:
            self.fail(error)
            return None
        return type_.merge(value, delta), delta

    def settle(self) -> None:
        """Return the result to the caller, if it still waits."""
        if not self.done.done():
            self.done.set_result(self.result)

    def fail(self, error: Exception) -> None:
        """Raise an error in the caller, if it still waits. If a put may have stored the change, the error says so."""
        if not self.done.done():
            if self.puts and isinstance(error, StoreUnavailable):
                error = uncertain(error)
            self.done.set_exception(error)


@dataclass(slots=True)
class WriteQueue(Generic[T]):
    """The write queue of `key`. The table in the module's docstring defines its life cycle.

    `parts`: the parts of a bisected batch; the last of the list is the next to be written. `bisecting`: whether the
    current batch is such a part. `snapshot`: the value that the previous batch read, if that batch ended with changes
    or siblings that still need to be written. `repair`: whether the key's siblings need to be merged.
    """

    key: str
    waiting: dict[PendingChange[T], None] = field(default_factory=dict)
    batch: dict[PendingChange[T], None] = field(default_factory=dict)
    parts: list[dict[PendingChange[T], None]] = field(default_factory=list)
    bisecting: bool = False
    snapshot: Snapshot[T] | None = None
    repair: bool = False

    def __bool__(self) -> bool:
        """Whether there are changes or siblings to write."""
        return bool(self.waiting or self.parts or self.repair)

    def add(self, pending: PendingChange[T]) -> None:
        """Queue a change behind all others."""
        self.waiting[pending] = None

    def leave(self, pending: PendingChange[T]) -> None:
        """Remove a change whose caller no longer waits. If its put is under way, the change can still be stored."""
        for changes in (self.waiting, self.batch, *self.parts):
            changes.pop(pending, None)

    def next_batch(self) -> None:
        """Replace the batch with the next part of a bisected batch or, if there is none, with all waiting changes."""
        self.bisecting = bool(self.parts)
        if self.bisecting:
            self.batch = self.parts.pop()
        else:
            self.batch, self.waiting = self.waiting, {}
        self.leave_done()
        self.repair = False

    def leave_done(self) -> None:
        """Remove the changes of the batch whose callers already have a result or an error."""
        self.batch = {pending: None for pending in self.batch if not pending.done.done()}

    def apply(self, type_: Mergeable[T], value: T) -> tuple[T, T]:
        """Apply every change of the batch in order. Return the changed value and the merge of all deltas."""
        total = type_.least
        for pending in self.batch:
            applied = pending.apply(type_, value)
            if applied is not None:
                value, delta = applied
                total = delta if total is type_.least else type_.merge(total, delta)
        return value, total

    def missing(self, type_: Mergeable[T], value: T) -> list[PendingChange[T]]:
        """Return the changes of the batch that `value` does not contain. It applies each change again to find them."""
        return [pending for pending in self.batch if (pending.apply(type_, value) or (value,))[0] is not value]

    def count_put(self, puts: int) -> None:
        """Add to the number of puts that may have stored the batch."""
        for pending in self.batch:
            pending.puts += puts

    def stored(self, missing: Iterable[PendingChange[T]] = ()) -> None:
        """Return the results to the callers of the batch. The `missing` changes are not stored and are written next."""
        again = dict.fromkeys(missing)
        batch, self.batch = self.batch, {}
        for pending in batch:
            if pending not in again:
                pending.settle()
        if again and self.parts:
            self.parts.append(again)
        elif again:
            self.waiting = {**again, **self.waiting}

    def store_failed(self, error: Exception) -> None:
        """Raise `error` in the callers of the batch."""
        batch, self.batch = self.batch, {}
        for pending in batch:
            pending.fail(error)

    def defect(self, error: Exception) -> None:
        """Raise `error` in the caller if the batch has only one change. Otherwise, split the batch into two parts."""
        if len(self.batch) == 1:
            self.store_failed(error)
        elif self.batch:
            changes, self.batch = list(self.batch), {}
            middle = len(changes) // 2
            self.parts += [dict.fromkeys(changes[middle:]), dict.fromkeys(changes[:middle])]

    def abandon(self, error: Exception) -> None:
        """Raise `error` in all callers, because the writer was cancelled."""
        changes = list(chain(self.batch, *self.parts, self.waiting))
        self.batch, self.parts, self.waiting = {}, [], {}
        for pending in changes:
            pending.fail(error)
