"""Writes lines to a log, several at a time, because one write takes as long as rendering one line."""

import asyncio
import contextlib
import threading
import time
from typing import Final, TextIO

DELAY: Final = 0.1
"""Maximum seconds that a line waits for more lines."""
MAX_WAITING: Final = 64 * 1024
"""Maximum number of characters that wait to be written."""


class LogLines:
    """Writes lines to `stream`. An urgent line is written at once, after the lines that wait. Thread-safe.

    If no event loop runs, for example in a thread, every line is urgent. When the process exits, `logging.shutdown`
    writes the waiting lines; if the process is killed, they are lost. A line that can't be written, for example because
    the disk is full, is dropped, because a log must not make requests fail.
    """

    def __init__(self, stream: TextIO, delay: float = DELAY) -> None:
        self._stream = stream
        self._delay = delay
        self._lock = threading.RLock()
        self._waiting: list[str] = []
        self._size = 0
        self._due: float | None = None
        """The time at which a timer writes the waiting lines; `None` without a timer. Earlier writes don't stop it."""

    def write(self, line: str) -> None:
        """Write a line within `delay` seconds."""
        with self._lock:
            self._append(line)
            if self._size >= MAX_WAITING or not self._is_scheduled():
                self.flush()

    def write_now(self, line: str) -> None:
        """Write a line at once."""
        with self._lock:
            self._append(line)
            self.flush()

    debug = info = write
    warning = warn = error = critical = fatal = exception = write_now

    def flush(self) -> None:
        """Write the waiting lines."""
        with self._lock:
            lines, self._waiting, self._size = self._waiting, [], 0
            if lines:
                with contextlib.suppress(OSError, ValueError):  # ValueError: the stream is closed
                    self._stream.write("".join(lines))
                    self._stream.flush()

    def _append(self, line: str) -> None:
        self._waiting += (line, "\n")
        self._size += len(line) + 1

    def _is_scheduled(self) -> bool:
        """Whether a timer writes the lines in time. If there is no timer but an event loop, start a timer."""
        now = time.monotonic()
        if self._due is not None and now <= self._due + self._delay:
            return True
        self._due = None  # the timer's loop has probably ended
        if self._delay:
            with contextlib.suppress(RuntimeError):
                asyncio.get_running_loop().call_later(self._delay, self._on_time, now + self._delay)
                self._due = now + self._delay
        return self._due is not None

    def _on_time(self, due: float) -> None:
        """Write the waiting lines. `due`: the time of this timer. If its loop was late, there can be a newer timer."""
        with self._lock:
            if self._due == due:
                self._due = None
            self.flush()
