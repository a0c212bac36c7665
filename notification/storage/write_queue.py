"""The changes of one key that wait to be written, in the order in which they were asked for, and the batch under way.

A change leaves as soon as its caller does, so that what is kept here is bounded by the callers that wait.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Generic, TypeVar

from notification.domain.errors import NotificationError, Outcome, StoreUnavailable, uncertain
from notification.storage.snapshots import Known
from siblings import Mergeable
from siblings.ksuid import NoIdLeft

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class PendingChange(Generic[T]):
    """A change that a caller waits for.

    `fresh`: it needs a value that was read after it was asked for. `if_unchanged`: see `Store.put`. `result`: what it gave
    when it was applied last. `puts`: how many puts may have stored it.
    """

    change: Callable[[T, Any], tuple[T, Any]]
    fresh: bool
    if_unchanged: bool
    done: asyncio.Future[Any]
    result: Any = None
    puts: int = 0


@dataclass(slots=True)
class WriteQueue(Generic[T]):
    """`halves`: parts of a batch that met a defect, the next one last; they are written before what waits. `narrowing`:
    the batch is such a part. `known`: what the last round has read, if it left something to write. `repair`: siblings
    are to be merged.
    """

    waiting: dict[PendingChange[T], None] = field(default_factory=dict)
    batch: dict[PendingChange[T], None] = field(default_factory=dict)
    halves: list[dict[PendingChange[T], None]] = field(default_factory=list)
    narrowing: bool = False
    known: Known[T] | None = None
    repair: bool = False

    def __bool__(self) -> bool:
        """Whether there is something to write."""
        return bool(self.waiting or self.halves or self.repair)

    def __iter__(self) -> Iterator[PendingChange[T]]:
        """Every change, the batch included."""
        return chain(self.batch, *self.halves, self.waiting)

    def add(self, pending: PendingChange[T]) -> None:
        """Queue a change behind all others."""
        self.waiting[pending] = None

    def leave(self, pending: PendingChange[T]) -> None:
        """Forget a change; one that is being written may still be stored."""
        for changes in (self.waiting, self.batch, *self.halves):
            changes.pop(pending, None)

    def leave_done(self) -> None:
        """Forget the changes of the batch whose callers have an answer already."""
        self.batch = {pending: None for pending in self.batch if not pending.done.done()}

    def next_batch(self) -> None:
        """Make what waits the batch: the next half, or all of it."""
        self.narrowing = bool(self.halves)
        if self.narrowing:
            changes = self.halves.pop()
        else:
            changes, self.waiting = self.waiting, {}
        self.batch = changes
        self.leave_done()
        self.repair = False

    def again(self, changes: Iterable[PendingChange[T]]) -> None:
        """Queue changes of the batch in front of all others."""
        lost = dict.fromkeys(changes)
        if self.halves:
            self.halves.append(lost)
        else:
            self.waiting = {**lost, **self.waiting}

    def split(self) -> None:
        """Have the batch written again in two halves: in the end, a change with a defect is in a batch of its own."""
        changes = list(self.batch)
        middle = len(changes) // 2
        self.halves += [dict.fromkeys(changes[middle:]), dict.fromkeys(changes[:middle])]


def apply(type_: Mergeable[T], value: T, pending: PendingChange[T]) -> tuple[T, T] | None:
    """The value with a change, and the change's delta. Nothing if the change is refused: its caller gets the error."""
    try:
        delta, pending.result = pending.change(value, pending.result)
    except (NotificationError, NoIdLeft) as error:
        fail([pending], error)
        return None
    return type_.merge(value, delta), delta


def settle(changes: Iterable[PendingChange[T]]) -> None:
    """Give every caller that waits its result."""
    for pending in changes:
        if not pending.done.done():
            pending.done.set_result(pending.result)


def fail(changes: Iterable[PendingChange[T]], error: Exception) -> None:
    """Give every caller that waits an error: one that says so if a put may have stored its change."""
    for pending in changes:
        if not pending.done.done():
            if pending.puts and isinstance(error, StoreUnavailable):
                error = uncertain(error)
            pending.done.set_exception(error)


async def counted(changes: Collection[PendingChange[T]], put: Awaitable[bool]) -> bool:
    """Await a put of these changes. It counts as made unless it is certain that nothing of it was kept."""
    _count(changes, 1)
    try:
        return await put
    except StoreUnavailable as error:
        _count(changes, -int(error.outcome is Outcome.UNCHANGED))
        raise


def _count(changes: Iterable[PendingChange[T]], puts: int) -> None:
    """A function of its own, so that no loop variable keeps a change while the put hangs."""
    for pending in changes:
        pending.puts += puts
