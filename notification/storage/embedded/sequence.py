"""Proves that a key has not changed, without a query to SQLite, by transaction numbers in shared memory.

The table has two numbers and a fixed number of slots. All keys with the same hash share a slot.

- `NEWEST`: the number of the newest transaction that was about to commit
- `ENDED`: the number of a transaction that has ended, usually the newest such transaction
- a slot: the number of the newest transaction that was about to commit a change to one of the slot's keys

SQLite allows one writer at a time. A writer takes these steps:

- `compare`, inside the transaction, before its statements: check `is_current`. No other writer can interfere here.
- `announce`, inside the transaction, before the commit: take the next number, store it in `NEWEST`, then in the slots.
- `end`, after the commit: store the number in `ENDED`.

A reader takes these steps:

- `look`, before a read from SQLite: remember the slot's number if it is at most `ENDED`.
- `is_current`, instead of a read: check whether the slot still has the remembered number.

The proof has two parts:

- Transactions have ascending numbers and never overlap. So if `ENDED` is at or above the slot's number, the transaction
  with the slot's number has ended. A read that begins after `look` therefore sees the slot's last change.
- A transaction writes its number to its slots before it commits. As long as a slot keeps its number, no later
  transaction has committed a change to the slot's keys.

The step `end` can race with the next transaction, because a commit unlocks the file. This does no harm, because `end`
writes only to `ENDED`, and only the number of a transaction that has ended. A process can die at any step. Then its
number is above `ENDED`, or its transaction has ended. If the number is above `ENDED`, readers of its slots query SQLite
until another transaction ends. The same happens if a slow writer sets `ENDED` back to an earlier number.

The proof relies on two properties of the machine. First, a word is loaded and stored atomically, because `memoryview`
copies an aligned word of eight bytes with one instruction on 64-bit processors. Second, other processors see the stores
and the commit in the order of the steps. Between any two steps whose order matters, there is a call of SQLite. This
call releases and takes the interpreter's lock and a mutex, and has full memory barriers around the header of its log.
ARM processors need these barriers; x86 processors do not.
"""

from collections.abc import Iterable
from typing import Final, Protocol
from zlib import crc32

SLOTS: Final = 1 << 16
NEWEST: Final = 2
"""The index of a word, like `ENDED` and `FIRST_SLOT`. Words 0 and 1 identify the file."""
ENDED: Final = 3
FIRST_SLOT: Final = 8
UNKNOWN: Final = 0
"""No transaction has this number."""


class Words(Protocol):
    """Shared memory as words of 64 bits."""

    def __getitem__(self, index: int, /) -> int:
        """Load a word."""

    def __setitem__(self, index: int, value: int, /) -> None:
        """Store a word."""


class Mark:
    """The slot of a key that a transaction writes.

    `known`: the number of the last transaction that the writer's read of the key included. `number`: the number of the
    transaction that writes the key. `unchanged`: whether the key has certainly not changed between the read and the
    write.
    """

    __slots__ = ("known", "number", "slot", "unchanged")

    def __init__(self, slot: int, known: int = UNKNOWN) -> None:
        self.slot = slot
        self.known = known
        self.number = UNKNOWN
        self.unchanged = False


def slot_of(bucket: str, key: str) -> int:
    """Return the slot of a key, which is the same in every process."""
    return FIRST_SLOT + crc32(f"{bucket}/{key}".encode()) % SLOTS


class Sequence:
    """The table in `words`. Without words, it proves nothing, so every read queries SQLite."""

    def __init__(self, words: Words | None = None) -> None:
        self._words = words

    def detach(self) -> None:
        """Stop using the words."""
        self._words = None

    def look(self, slot: int) -> int:
        """Return the slot's number if a read that begins now includes that transaction, otherwise `UNKNOWN`."""
        if self._words is None:
            return UNKNOWN
        number = self._words[slot]
        return number if number <= self._words[ENDED] else UNKNOWN

    def is_current(self, slot: int, number: int | None) -> bool:
        """Whether the keys of a slot have certainly not changed since `look` returned `number`."""
        return self._words is not None and self._words[slot] == number

    def compare(self, marks: Iterable[Mark]) -> None:
        """Set `unchanged` in the marks of a transaction. Call this inside the transaction, before its statements.

        If several marks have the same slot, only the first can be unchanged, because its write precedes the others.
        """
        written = set()
        for mark in marks:
            mark.unchanged = mark.slot not in written and self.is_current(mark.slot, mark.known)
            written.add(mark.slot)

    def announce(self, marks: Iterable[Mark]) -> int:
        """Announce the changes of a transaction and return its number. Call this inside it, after its statements.

        The marks get the number, as if their keys had been read after the transaction. If several marks have the same
        slot, only the last one gets it, because the writers of the others do not know the later change.
        """
        if self._words is None:
            return UNKNOWN
        number = self._words[NEWEST] + 1
        self._words[NEWEST] = number
        last = {mark.slot: mark for mark in marks}
        for slot, mark in last.items():
            self._words[slot] = mark.number = number
        return number

    def end(self, number: int) -> None:
        """Publish that the transaction `number` has ended. Call this after its commit.

        A transaction that failed needs no call, because the next transaction that ends publishes a higher number.
        """
        if self._words is not None and self._words[ENDED] < number:
            self._words[ENDED] = number
