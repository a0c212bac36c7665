"""`python -m benchmarks.profiled FILE server CONFIG`: the service with a sampling profiler around it.

SIGUSR1 starts a profile, and SIGUSR2 ends it and writes the CPU seconds of each layer to FILE. Between the two, a timer
interrupts the process after every millisecond of CPU time. The signal handler runs between two bytecodes of the main
thread, so the time of a function written in C counts for the Python function that called it. The CPU
time that each thread has used since the last sample counts for the layer of the thread's stack.
"""

import json
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from benchmarks.layers import layer_of

INTERVAL = 0.001


class Profiler:
    """Adds up CPU seconds by layer."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._used: dict[int, float] = {}
        self._main = threading.get_ident()

    def install(self) -> None:
        """Handle the signals."""
        signal.signal(signal.SIGUSR1, self._start)
        signal.signal(signal.SIGUSR2, self._end)
        signal.signal(signal.SIGPROF, self._sample)

    def _start(self, _signal: int, _frame: FrameType | None) -> None:
        self._seconds.clear()
        self._used = _cpu_seconds()
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(self._seconds))
        partial.rename(self._file)

    def _sample(self, _signal: int, frame: FrameType | None) -> None:
        before, self._used = self._used, _cpu_seconds()
        stacks = {**sys._current_frames(), self._main: frame}  # noqa: SLF001  # the only way to another thread's stack
        for thread, used in self._used.items():
            self._seconds[layer_of(_frames(stacks.get(thread)))] += used - before.get(thread, 0.0)


def _cpu_seconds() -> dict[int, float]:
    """Return the CPU time of each thread in seconds."""
    idents = [thread.ident for thread in threading.enumerate() if thread.ident]
    return {ident: time.clock_gettime(time.pthread_getcpuclockid(ident)) for ident in idents}


def _frames(frame: FrameType | None) -> Iterator[tuple[str, str]]:
    while frame is not None:
        yield frame.f_code.co_filename, frame.f_code.co_name
        frame = frame.f_back


if __name__ == "__main__":
    Profiler(Path(sys.argv[1])).install()
    from notification.cli import main

    sys.exit(main(sys.argv[2:]))
