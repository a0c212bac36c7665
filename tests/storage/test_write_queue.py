"""Each row of the table of `write_queue` holds."""

import asyncio
from collections.abc import Callable, Iterable, Iterator

import pytest

from notification.domain.errors import StoreUnavailable
from notification.storage import write_queue
from notification.storage.write_queue import PendingChange, WriteQueue
from siblings import Feed
from tests.storage.tables import rows_of

ROWS = rows_of(write_queue)


class Situation:
    """A queue whose changes have one letter each."""

    def __init__(self, waiting: str, batch: str, parts: str) -> None:
        self.changes: dict[str, PendingChange[Feed]] = {}
        self.queue: WriteQueue[Feed] = WriteQueue("user", self.make(waiting), self.make(batch))
        self.queue.parts = [self.make(part) for part in reversed(parts.split())]

    def make(self, letters: str) -> dict[PendingChange[Feed], None]:
        for letter in letters:
            done = asyncio.get_running_loop().create_future()
            self.changes[letter] = PendingChange(lambda feed, _: (feed, None), False, False, done, result=letter)
        return {self.changes[letter]: None for letter in letters}

    def happens(self, event: str) -> None:
        name, _, letters = event.rpartition(" ") if event[-2:-1] == " " or "without" in event else (event, "", "")
        if name == "add":
            self.make(letters)
        changes = [self.changes[letter] for letter in letters]
        error, queue = StoreUnavailable("no answer"), self.queue
        steps: dict[str, Callable[[], None]] = {
            "add": lambda: queue.add(*changes),
            "leave": lambda: queue.leave(*changes),
            "next batch": queue.next_batch,
            "stored": queue.stored,
            "siblings without": lambda: queue.stored(changes),
            "store fails": lambda: queue.store_failed(error),
            "defect": lambda: queue.defect(ZeroDivisionError()),
            "writer cancelled": lambda: queue.abandon(error),
        }
        steps[name]()

    def letters(self, changes: Iterable[PendingChange[Feed]]) -> str:
        names = {pending: letter for letter, pending in self.changes.items()}
        return "".join(names[pending] for pending in changes)

    def answers(self) -> Iterator[str]:
        for letter, pending in sorted(self.changes.items()):
            if pending.done.done():
                yield f"{letter}:{'error' if pending.done.exception() else 'result'}"


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
async def test_an_event_leads_where_its_row_says(row: tuple[str, ...]) -> None:
    waiting, batch, parts, event, *after = row
    situation = Situation(waiting, batch, parts)
    situation.happens(event)
    queue = situation.queue
    part_letters = " ".join(situation.letters(part) for part in reversed(queue.parts))
    answers = " ".join(situation.answers())
    assert [situation.letters(queue.waiting), situation.letters(queue.batch), part_letters, answers] == after


async def test_only_a_batch_that_is_a_part_of_another_is_bisecting() -> None:
    situation = Situation("b", "", "a")
    for bisecting in (True, False):
        situation.queue.next_batch()
        assert situation.queue.bisecting is bisecting


def test_the_table_covers_every_event() -> None:
    events = {row[3].split()[0] for row in ROWS}
    assert events == {"add", "next", "leave", "stored", "siblings", "store", "defect", "writer"}
