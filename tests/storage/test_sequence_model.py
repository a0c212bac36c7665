"""The protocol of `sequence`: in every order of steps, with deaths at every step, no process trusts an old value."""

from collections.abc import Iterable

import pytest

from notification.storage.embedded.sequence import ENDED, NEWEST, UNKNOWN, Mark, Sequence, Words
from tests.storage.interleavings import SLOT, WORDS, Process, Program, Untrue, explore


def writes(sequence: type[Sequence], value: int, key: str = "a") -> Program:
    """Commit a value, and then use it as a value that was read."""

    def program(process: Process) -> None:
        table, mark = sequence(process), Mark(SLOT)
        process.begin()
        number = table.announce([mark])
        process.commit(**{key: value})
        table.end(number)
        if table.is_current(mark.slot, mark.number):
            process.trust(key, value)

    return program


def writes_twice_at_once(sequence: type[Sequence]) -> Program:
    """Two writes of one key in one transaction, the first of which does not know of the second."""

    def program(process: Process) -> None:
        table, first, second = sequence(process), Mark(SLOT), Mark(SLOT)
        process.begin()
        number = table.announce([first, second])
        process.commit(a=8)
        table.end(number)
        for value, mark in ((7, first), (8, second)):
            if table.is_current(mark.slot, mark.number):
                process.trust("a", value)

    return program


def writes_what_it_read(sequence: type[Sequence]) -> Program:
    """Read a value, and commit another one in its place if the table proves that it is still there."""

    def program(process: Process) -> None:
        table = sequence(process)
        mark = Mark(SLOT, table.look(SLOT))
        value = process.select("a")
        process.begin()
        table.compare([mark])
        if mark.unchanged:
            process.trust("a", value)
        number = table.announce([mark])
        process.commit(a=9)
        table.end(number)

    return program


def gives_up(sequence: type[Sequence]) -> Program:
    """Fail during the commit."""

    def program(process: Process) -> None:
        process.begin()
        sequence(process).announce([Mark(SLOT)])
        process.roll_back()

    return program


def reads(sequence: type[Sequence], key: str = "a") -> Program:
    """Read a value and use it at any time afterwards."""

    def program(process: Process) -> None:
        table = sequence(process)
        number = table.look(SLOT)
        value = process.select(key)
        if table.is_current(SLOT, number):
            process.trust(key, value)

    return program


def every_case(sequence: type[Sequence]) -> dict[str, tuple[Program, ...]]:
    return {
        "one transaction with two writes": (writes_twice_at_once(sequence), writes(sequence, 1), reads(sequence)),
        "two writers of one key, two readers": (
            *(writes(sequence, value) for value in (1, 2)),
            *(reads(sequence) for _ in range(2)),
        ),
        "a writer of each key of a slot": (
            writes(sequence, 1, "a"),
            writes(sequence, 2, "b"),
            reads(sequence, "a"),
            reads(sequence, "b"),
        ),
        "three writers": tuple(writes(sequence, value) for value in (1, 2, 3)),
        "writers that read before": (
            writes(sequence, 1),
            writes_what_it_read(sequence),
            writes_what_it_read(sequence),
        ),
        "a transaction that fails": (gives_up(sequence), writes(sequence, 1), gives_up(sequence), reads(sequence)),
    }


@pytest.mark.parametrize("case", every_case(Sequence))
def test_no_process_ever_trusts_an_old_value(case: str) -> None:
    worlds = explore(*every_case(Sequence)[case])
    assert len(worlds) > 1000
    for words in {world.words for world in worlds if world.holder is None}:
        assert_one_more_transaction_mends(list(words))


def assert_one_more_transaction_mends(words: list[int]) -> None:
    """Whatever died, the next transaction of any key makes every slot usable again."""
    table = Sequence(words)
    table.end(table.announce([]))
    assert table.look(SLOT) != UNKNOWN


def test_what_was_written_or_read_is_trusted_until_the_next_transaction() -> None:
    table, mark = Sequence(list(WORDS)), Mark(SLOT)
    table.end(table.announce([mark]))
    assert table.is_current(SLOT, mark.number)
    assert table.is_current(SLOT, table.look(SLOT))
    table.announce([Mark(SLOT)])
    assert not table.is_current(SLOT, mark.number)
    assert table.look(SLOT) == UNKNOWN


def test_without_words_nothing_is_trusted() -> None:
    table, mark = Sequence(), Mark(SLOT)
    table.end(table.announce([mark]))
    assert not table.is_current(SLOT, mark.number)
    assert not table.is_current(SLOT, table.look(SLOT))


class Tempting(Sequence):
    """A simpler protocol."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


class OddAndEven(Tempting):
    """A sequence lock: odd before the commit, even after it. The next writer may have begun by then."""

    def look(self, slot: int) -> int:
        number = self.words[slot]
        return UNKNOWN if number % 2 else number

    def announce(self, marks: Iterable[Mark]) -> int:
        for mark in marks:
            mark.number = self.words[mark.slot] // 2 * 2 + 2
            self.words[mark.slot] = mark.number - 1
        return mark.number

    def end(self, number: int) -> None:
        self.words[SLOT] = number


class Late(Tempting):
    """Announces a transaction only after its commit."""

    def announce(self, marks: Iterable[Mark]) -> int:
        self._marks = list(marks)
        return 0

    def end(self, number: int) -> None:
        super().end(super().announce(self._marks))


class Hasty(Tempting):
    """Takes a transaction that is under way for one that has ended."""

    def look(self, slot: int) -> int:
        return self.words[slot]


class Generous(Tempting):
    """Lets the writer of every mark trust what it wrote."""

    def announce(self, marks: Iterable[Mark]) -> int:
        marks = list(marks)
        number = super().announce(marks)
        for mark in marks:
            mark.number = number
        return number


class Blunt(Tempting):
    """Publishes the newest number that was taken."""

    def end(self, number: int) -> None:
        self.words[ENDED] = self.words[NEWEST]


@pytest.mark.parametrize("tempting", [OddAndEven, Late, Hasty, Generous, Blunt])
def test_a_simpler_protocol_is_found_out(tempting: type[Sequence]) -> None:
    with pytest.raises(Untrue):
        explore_all(every_case(tempting).values())


def explore_all(cases: Iterable[tuple[Program, ...]]) -> None:
    for programs in cases:
        explore(*programs)
