"""The file beside the database that holds the table of `sequence`. Every process that uses the database maps it.

An operator may delete or replace the file while processes have it mapped. So its lock is on a file that they share in
any case: SQLite's write-ahead log, which exists exactly as long as a process has the database open. Every process holds
the lock shared. A process that gets it exclusively is alone: no other process has read anything. Only this process
makes the content anew, because after a crash of the machine the content may be older than the database.

Nothing may truncate the file while it is mapped: the kernel would end the process at its next access.
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
"""The first word of a complete file. The second is the file's inode, which distinguishes the file from its copies."""
UNSUPPORTED: Final = (errno.ENODEV, errno.ENOSYS, errno.EOPNOTSUPP)
"""What a file system without shared mappings or locks reports, to every process alike."""
_PAUSE: Final = 0.01


class SequenceFile:
    """The mapped table of the database at `path`, which must be open in WAL mode.

    If the file system has no shared mappings, `sequence` proves nothing. Waits `timeout` seconds for a process that
    makes the content. Raises `OSError`.
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
        """Unmap the table. Call after the last connection was closed."""
        self.sequence.detach()
        self._resources.close()

    def _open(self, deadline: float) -> None:
        """Lock the log, make the content if no other process has, and map it."""
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
        return _locks(log, fcntl.LOCK_SH) and self._is_mapped()  # not atomic: another process may make it meanwhile

    def _is_mapped(self) -> bool:
        """Map the file, unless it is missing, incomplete or a copy."""
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
    """Fill the file with numbers that no process has seen. Until the end, its first word marks it as incomplete.

    Writes in place: if the file exists, a full disk is no obstacle.
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
    """Open the file. Create it if it is missing, or if another user left it and this one may not write it.

    A new file gets the database's permissions and, as far as the process may, the database's owner.
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
