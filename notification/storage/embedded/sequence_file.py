"""The file next to the database that holds the table of `sequence`. Every process that uses the database maps it.

An operator can delete or replace this file while processes have it mapped. So the processes do not lock this file but
SQLite's write-ahead log, which exists exactly as long as a process has the database open. Every process holds a shared
lock. A process that gets the exclusive lock is the only one that uses the database, so no other process has read
anything. Such a process, and no other, writes new content to the file. It always does so, because after a crash of the
machine the old content can be older than the database.

Nothing may truncate the file while it is mapped, because the kernel would kill each process at its next access.
"""

import errno
import fcntl
import mmap
import os
import time
from array import array
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from notification.storage.embedded.sequence import FIRST_SLOT, SLOTS, Sequence

SIZE: Final = 8 * (FIRST_SLOT + SLOTS)
MAGIC: Final = int.from_bytes(b"NtfnSeq1")
"""The first word of a complete file. The second word is the file's inode, which tells the file from its copies."""
UNSUPPORTED: Final = (errno.ENODEV, errno.ENOSYS, errno.EOPNOTSUPP)
"""The errors of a file system without shared mappings or locks. Every process gets the same error."""
_PAUSE: Final = 0.01


class SequenceFile:
    """The mapped table of the database at `path`, which must be open in WAL mode.

    If the file system has no shared mappings, `sequence` proves nothing. The constructor waits at most `timeout`
    seconds while another process writes the content. Raises `OSError`.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        self.sequence = Sequence()
        self._database = os.path.realpath(path)  # SQLite resolves links, too
        self._name = f"{self._database}-seq"
        self._resources = ExitStack()
        with ExitStack() as unless_opened:
            unless_opened.callback(self.close)
            try:
                self._open(time.monotonic() + timeout)
            except OSError as error:
                if error.errno not in UNSUPPORTED:
                    raise
            else:
                unless_opened.pop_all()

    def close(self) -> None:
        """Unmap the table. Call this after the last connection to the database was closed."""
        self.sequence.detach()
        self._resources.close()

    def _open(self, deadline: float) -> None:
        """Lock SQLite's log, initialize the table's file if no other process uses the database, and map that file."""
        log = os.open(f"{self._database}-wal", os.O_RDONLY | os.O_CLOEXEC)
        self._resources.callback(os.close, log)
        while not self._is_opened(log):
            if time.monotonic() > deadline:
                raise FileNotFoundError(
                    f"{self._name} was deleted or replaced while other processes use it; restart all of them"
                )
            fcntl.flock(log, fcntl.LOCK_UN)
            time.sleep(_PAUSE)

    def _is_opened(self, log: int) -> bool:
        if _locks(log, fcntl.LOCK_EX):
            _make(self._name, os.stat(self._database))  # noqa: PTH116
        return _locks(log, fcntl.LOCK_SH) and self._is_mapped()  # between the locks, another process can write it

    def _is_mapped(self) -> bool:
        """Map the file, unless it is missing, incomplete or a copy. Return whether it is now mapped."""
        try:
            file = os.open(self._name, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            state, header = os.fstat(file), os.pread(file, 16, 0)
            if state.st_size != SIZE or header != array("Q", [MAGIC, state.st_ino]).tobytes():
                return False
            mapped = self._resources.enter_context(mmap.mmap(file, SIZE))
        finally:
            os.close(file)
        self.sequence = Sequence(self._resources.enter_context(memoryview(mapped).cast("Q")))
        return True


def _locks(log: int, mode: int) -> bool:
    try:
        fcntl.flock(log, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make(name: str, database: os.stat_result) -> None:
    """Fill the file with numbers that no process has seen. Its first word is written last and marks it as complete.

    An existing file is overwritten in place, so this works even if the disk is full.
    """
    file = _create_or_open(name, database)
    try:
        start = int.from_bytes(os.urandom(7)) << 4 | 1
        content = array("Q", [0, os.fstat(file).st_ino, *[start] * (SIZE // 8 - 2)])
        written = 0
        while written < SIZE:
            written += os.pwrite(file, memoryview(content).cast("B")[written:], written)
        os.ftruncate(file, SIZE)
        os.pwrite(file, array("Q", [MAGIC]), 0)
    finally:
        os.close(file)


def _create_or_open(name: str, database: os.stat_result) -> int:
    """Open the file. Create it if it is missing. Replace it if this process has no permission to write it.

    A new file gets the permissions of the database. It also gets the owner and group of the database, as far as this
    process is allowed to set them.
    """
    try:
        return os.open(name, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        pass
    except PermissionError:
        os.unlink(name)  # noqa: PTH108
    file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with suppress(PermissionError):
        os.fchown(file, database.st_uid if os.geteuid() == 0 else -1, database.st_gid)
    os.fchmod(file, database.st_mode & 0o666)
    return file
