"""Whether the files that are open are still those at their paths: what is written into a deleted file is lost."""

import os
from pathlib import Path


class FileIdentity:
    """The database at `path` and its write-ahead log, as they are now. To be made while a connection is open."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._log = f"{path}-wal"
        self._known = self._look()

    def check(self) -> None:
        """Raise `OSError` if one of them was deleted or replaced. Two system calls; any thread may call it."""
        try:
            same = self._look() == self._known
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{error.filename} was deleted while it was open; restart the service") from error
        if not same:
            raise FileNotFoundError(f"{self._path} was replaced while it was open; restart the service")

    def _look(self) -> tuple[int, ...]:
        database, log = os.stat(self._path), os.stat(self._log)  # noqa: PTH116  # once for every commit
        return database.st_dev, database.st_ino, log.st_dev, log.st_ino
