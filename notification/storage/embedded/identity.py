"""Detects that an open file was deleted or replaced, because writes to a deleted file are lost."""

import os
from pathlib import Path


class FileIdentity:
    """The identity (device, inode) of the database at `path` and of its write-ahead log.

    Create the object while a connection is open. If the file system does not support a log, only the database is
    checked.
    """

    def __init__(self, path: Path) -> None:
        log = path.with_name(f"{path.name}-wal")
        self._known = {str(file): _identity(str(file)) for file in (path, log) if file == path or log.exists()}

    def check(self) -> None:
        """Raise `OSError` if a file was deleted or replaced. The check makes two system calls and is thread-safe."""
        for name, known in self._known.items():
            try:
                same = _identity(name) == known
            except FileNotFoundError as error:
                raise FileNotFoundError(f"{name} was deleted while it was open; restart the service") from error
            if not same:
                raise FileNotFoundError(f"{name} was replaced while it was open; restart the service")


def _identity(name: str) -> tuple[int, int]:
    state = os.stat(name)  # noqa: PTH116  # creating a Path costs more than the call
    return state.st_dev, state.st_ino
