"""The changes of one key that wait to be written, in the order in which they were asked for, and the batch under way.

A change leaves as soon as its caller does, so that what is kept here is bounded by the callers that wait.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from notification.replica import Known
from siblings import Mergeable

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class PendingChange(Generic[T]):
    """A change that a caller waits for.

    `fresh`: it needs a value that was read after it was asked for. `alone`: see `Store.put`. `result`: what it gave
    when it was applied last. `by_itself`: it takes part in no batch with others.
    """

    change: Callable[[T, Any], tuple[T, Any]]
    fresh: bool
    alone: bool
    done: asyncio.Future[Any]
    result: Any = None
    by_itself: bool = False


@dataclass(slots=True)
class WriteQueue(Generic[T]):
    """`known`: what the last round has read, if it left something to write. `repair`: siblings are to be merged.

    Changes that go `by_itself` are in front of all others.
    """

    waiting: dict[PendingChange[T], None] = field(default_factory=dict)
    batch: dict[PendingChange[T], None] = field(default_factory=dict)
    known: Known[T] | None = None
    repair: bool = False

    def add(self, pending: PendingChange[T]) -> None:
        """Queue a change behind all others."""
        self.waiting[pending] = None

    def leave(self, pending: PendingChange[T]) -> None:
        """Forget a change; one that is being written may still be stored."""
        self.waiting.pop(pending, None)
        self.batch.pop(pending, None)

    def next_batch(self) -> None:
        """Make what waits the batch: all of it, or the first change where it goes by itself."""
        waiting = {pending: None for pending in self.waiting if not pending.done.done()}
        first = next(iter(waiting), None)
        if first is not None and first.by_itself:
            del waiting[first]
            self.batch, self.waiting = {first: None}, waiting
        else:
            self.batch, self.waiting = waiting, {}
        self.repair = False

    def again(self, changes: Iterable[PendingChange[T]]) -> None:
        """Queue changes of the batch in front of all others."""
        self.waiting = {**dict.fromkeys(changes), **self.waiting}

    def split(self) -> None:
        """Have every change of the batch written again, by itself."""
        for pending in self.batch:
            pending.by_itself = True
        self.again(self.batch)


def apply(type_: Mergeable[T], value: T, pending: PendingChange[T]) -> tuple[T, T] | None:
    """The value with a change, and the change's delta. Nothing if the change is refused, or is a defect: its caller
    alone gets the error."""
    try:
        delta, pending.result = pending.change(value, pending.result)
        return type_.merge(value, delta), delta
    except Exception as error:  # noqa: BLE001  # a defect too, which is no business of those in the same batch
        fail([pending], error)
        return None


def settle(changes: Iterable[PendingChange[T]]) -> None:
    """Give every caller that waits its result."""
    for pending in changes:
        if not pending.done.done():
            pending.done.set_result(pending.result)


def fail(changes: Iterable[PendingChange[T]], error: Exception) -> None:
    """Give every caller that waits an error."""
    for pending in changes:
        if not pending.done.done():
            pending.done.set_exception(error)
