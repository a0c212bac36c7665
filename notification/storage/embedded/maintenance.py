"""Checks and copies the file of the embedded store. All functions block. They can run while a service uses the file."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from notification.domain.errors import NotificationError, StoreError, StoreMisconfigured
from notification.storage.embedded.database import is_ours, open_existing

TIMEOUT: Final = 30.0
"""Seconds to wait for another program's lock."""
MAX_FINDINGS: Final = 100


def findings(path: Path) -> Sequence[str]:
    """Return the faults that SQLite finds in the structure of a file; empty if there are none."""
    try:
        with closing(open_existing(path, TIMEOUT)) as connection:
            rows = connection.execute(f"PRAGMA integrity_check({MAX_FINDINGS})").fetchall()
    except sqlite3.Error as error:
        return [str(error)]
    return [line for (text,) in rows for line in str(text).splitlines() if line != "ok"]


def back_up(source: Path, target: Path) -> None:
    """Copy a consistent snapshot of the file `source` to `target`, which must not exist.

    The copy appears under its name only once it is complete and checked. It is durable when the function returns.
    Raises `StoreError` if the source can't be read or is damaged, `NotificationError` if `target` exists, `OSError`.
    """
    if target.exists():
        raise NotificationError(f"{target} exists already; a backup does not overwrite")
    partial = target.with_name(f"{target.name}.partial")
    mode = source.stat().st_mode & 0o777
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    try:
        _copy(source, partial)
        _link(partial, target)
    finally:
        partial.unlink()


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(open_existing(source, TIMEOUT)) as origin, closing(open_existing(target, TIMEOUT)) as copy:
            is_ours(origin)
            origin.backup(copy)  # in one step, because a write between two steps would restart the copy
            copy.execute("PRAGMA journal_mode = DELETE")  # the copy must stay a single file when it is opened
    except sqlite3.Error as error:
        raise StoreError(f"{source} can't be copied: {error}") from error
    except StoreMisconfigured as error:
        raise StoreMisconfigured(f"{source} can't be copied: {error}") from error
    faults = findings(target)
    if faults:
        raise StoreError(f"the copy of {source} is damaged, and probably the file itself: {faults[0]}")


def _link(partial: Path, target: Path) -> None:
    try:
        target.hardlink_to(partial)  # a link does not overwrite, unlike a rename
    except FileExistsError as error:
        raise NotificationError(f"{target} exists already; a backup does not overwrite") from error
    for path, flags in ((target, os.O_RDONLY), (target.parent, os.O_RDONLY | os.O_DIRECTORY)):
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
