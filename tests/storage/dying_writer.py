"""Run a put that is killed before its step numbered STEP: `python -m tests.storage.dying_writer PATH STEP`.

A step is each access to the shared table and each SQL statement of the committing thread. If the put
has no such step, it ends, and the exit code is 0.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from itertools import count
from pathlib import Path
from typing import Any

from notification.storage.embedded.commits import Committer
from notification.storage.embedded.database import ANNOUNCES
from notification.storage.embedded.sequence import Mark, Sequence, Words, slot_of
from notification.storage.embedded.sequence_file import SequenceFile
from notification.storage.embedded.writes import Put

VALUE = b"of the one that dies"
_steps = count()


def _step() -> None:
    if next(_steps) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)


class DyingConnection(sqlite3.Connection):
    """Each statement is a step."""

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        _step()
        return super().execute(*statement)


class DyingWords:
    """Each access is a step."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def __getitem__(self, index: int) -> int:
        _step()
        return self._words[index]

    def __setitem__(self, index: int, value: int) -> None:
        _step()
        self._words[index] = value


async def _put(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=DyingConnection)
    connection.create_function(ANNOUNCES, 0, lambda: True)
    sqlite3.Connection.execute(connection, "SELECT count(*) FROM siblings").fetchall()
    file = SequenceFile(path, timeout=5.0)
    assert file.sequence._words is not None
    committer = Committer(connection, sequence=Sequence(DyingWords(file.sequence._words)))
    mark = Mark(slot_of("bucket", "key"))
    await committer.commit(Put("bucket", "key", VALUE, None, as_sibling=False, if_unchanged=False, mark=mark), mark)
    _step()
    await committer.close()
    file.close()


if __name__ == "__main__":
    asyncio.run(_put(Path(sys.argv[1])))
