"""Proves without asking SQLite that a key has not changed: numbers of transactions in memory that processes share.

The table has two numbers and a slot for each group of keys (the keys with one hash):

- `NEWEST`: the newest transaction that was about to commit
- `ENDED`: a transaction that has ended, usually the newest that has
- a slot: the newest transaction that was about to commit a change of its keys

SQLite lets in one writer at a time. Its steps:

- `compare`, inside the transaction, before its statements: whether `is_current` holds, now without a race.
- `announce`, inside the transaction, before the commit: take the next number, store it in `NEWEST`, then in the slots.
- `end`, after the commit: store the number in `ENDED`.

The steps of a reader:

- `look`, before a read from SQLite: remember the slot's number if it is at most `ENDED`.
- `is_current`, in place of a read: whether the slot still has the remembered number.

Why this is true:

- Transactions have ascending numbers and never overlap. If one with a number at or above the slot's has ended, then the
  slot's has ended too. So a read that begins after `look` sees the slot's last change.
- A transaction changes the slot before its commit. As long as the slot has the same number, no later one has committed.

The steps after a commit may race with the next transaction, because a commit unlocks the file. They write only `ENDED`,
and each number that they write there belongs to a transaction that has ended. A process may die at any step: its number
then is above `ENDED` or its transaction has ended. Readers of that slot ask SQLite until any transaction ends. The same
happens if `ENDED` goes back because a writer was slow.

The proof relies on the machine in two points. A word is loaded and stored at once: `memoryview` copies an aligned word
of eight bytes with one instruction on 64-bit processors. And other processors see the stores and the commit in the
order of the steps. Between any two steps that need an order is a call of SQLite, which releases and takes the
interpreter's lock and a mutex, and has full barriers around the header of its log. ARM needs them, x86 does not.
"""

from collections.abc import Iterable
from typing import Final, Protocol
from zlib import crc32

SLOTS: Final = 1 << 16
NEWEST: Final = 2
"""An index of words, as the next two. Words 0 and 1 identify the file."""
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
    """The slot of a key to write, and the transaction up to which its writer has read the key.

    `number`: the transaction of the write. `unchanged`: whether the writer knows what the key holds just before it.
    """

    __slots__ = ("known", "number", "slot", "unchanged")

    def __init__(self, slot: int, known: int = UNKNOWN) -> None:
        self.slot = slot
        self.known = known
        self.number = UNKNOWN
        self.unchanged = False


def slot_of(bucket: str, key: str) -> int:
    """Return the slot of a key: the same in every process."""
    return FIRST_SLOT + crc32(f"{bucket}/{key}".encode()) % SLOTS


class Sequence:
    """The table in `words`. Without words it proves nothing, so every read asks SQLite."""

    def __init__(self, words: Words | None = None) -> None:
        self._words = words

    def detach(self) -> None:
        """Stop using the words."""
        self._words = None

    def look(self, slot: int) -> int:
        """Return the transaction that a read which begins now covers, or `UNKNOWN`."""
        if self._words is None:
            return UNKNOWN
        number = self._words[slot]
        return number if number <= self._words[ENDED] else UNKNOWN

    def is_current(self, slot: int, number: int | None) -> bool:
        """Whether what `look` returned `number` for certainly has not changed since."""
        return self._words is not None and self._words[slot] == number

    def compare(self, marks: Iterable[Mark]) -> None:
        """Set `unchanged` of the marks of a transaction. Call inside it, before its statements.

        Of the marks of one slot, only the first can be unchanged: the statements of the others run after its own.
        """
        written = set()
        for mark in marks:
            mark.unchanged = mark.slot not in written and self.is_current(mark.slot, mark.known)
            written.add(mark.slot)

    def announce(self, marks: Iterable[Mark]) -> int:
        """Announce the changes of a transaction. Call inside it, after its statements. Return its number.

        The marks get the number, as if their keys had been read after the transaction. If several have one slot, only
        the last does: the writers of the others do not know the later change.
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
        """Publish that the transaction `number` has ended. Call after its commit.

        After a failure, this is not needed: the next transaction that ends publishes a higher number.
        """
        if self._words is not None and self._words[ENDED] < number:
            self._words[ENDED] = number
