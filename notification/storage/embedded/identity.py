"""Whether the files that are open are still those at their paths: what is written into a deleted file is lost."""

import os
from pathlib import Path


class FileIdentity:
    """The database at `path` and its write-ahead log, as they are now. To be made while a connection is open.

    Where the file system gives SQLite no log, only the database is looked at.
    """

    def __init__(self, path: Path) -> None:
        log = path.with_name(f"{path.name}-wal")
        self._known = {str(file): _identity(str(file)) for file in (path, log) if file == path or log.exists()}

    def check(self) -> None:
        """Raise `OSError` if one of them was deleted or replaced. Two system calls; any thread may call it."""
        for name, known in self._known.items():
            try:
                same = _identity(name) == known
            except FileNotFoundError as error:
                raise FileNotFoundError(f"{name} was deleted while it was open; restart the service") from error
            if not same:
                raise FileNotFoundError(f"{name} was replaced while it was open; restart the service")


def _identity(name: str) -> tuple[int, int]:
    found = os.stat(name)  # noqa: PTH116  # a Path for every commit costs more than the call
    return found.st_dev, found.st_ino
