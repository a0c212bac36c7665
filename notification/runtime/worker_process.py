"""The supervisor's view of a worker, which is a process that sends a heartbeat through a pipe."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Final

import structlog

from notification.runtime.sockets import Sockets
from notification.runtime.worker import READY, SHARED

INTERVALS: Final = 4
"""Number of intervals in a row without a heartbeat after which a worker counts as hanging. The timeout is divided, so
that a machine that was suspended misses only one interval."""
STARTUP: Final = 30.0
"""Minimum seconds to wait for the first heartbeat, even if `worker_timeout` is shorter. A worker starts slowly on a
busy machine."""

log = structlog.get_logger()


class WorkerProcess:
    """A running worker. `timeout`: seconds without a heartbeat after which the worker is killed."""

    def __init__(self, process: Process, number: int, timeout: float) -> None:
        self._process = process
        self._number = number
        self._timeout = timeout

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def terminate(self) -> None:
        """Send SIGTERM, which makes the worker stop."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL, which ends the worker even if it is suspended or hangs."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def watch(self, ready: asyncio.Event) -> int:
        """Wait until the worker has ended and return its exit code. Set `ready` when it serves; kill it if it hangs."""
        missed, interval = 0, max(self._timeout, STARTUP) / INTERVALS
        while missed < INTERVALS:
            said = await self._read(interval)
            if said == b"":
                break
            if said is None:
                missed += 1
                continue
            missed, interval = 0, self._timeout / INTERVALS
            if READY in said:
                ready.set()
        try:
            return await asyncio.wait_for(self._process.wait(), 0 if missed else self._timeout)
        except TimeoutError:
            log.error("worker hangs and is killed", worker=self._number, timeout=self._timeout)  # noqa: TRY400
            self.kill()
            return await self._process.wait()

    async def _read(self, interval: float) -> bytes | None:
        """Return the bytes that arrive within `interval` seconds: `None` if none arrive, `b""` if the worker ends."""
        pipe = self._process.stdout
        if pipe is None:
            return b""
        try:
            return await asyncio.wait_for(pipe.read(4096), interval)
        except TimeoutError:
            return None


async def start_worker(
    number: int, pickled_config: bytes, sockets: Sockets, shared: Path, worker_timeout: float
) -> WorkerProcess:
    """Start a worker on inherited sockets. `shared`: the folder of its metrics. Raises `OSError`."""
    command = (sys.executable, "-m", "notification.runtime.worker", str(number), *sockets.descriptors)
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=PIPE,
        pass_fds=[listening.fileno() for listening in sockets.every],
        env={**os.environ, SHARED: str(shared)},
    )
    if process.stdin is not None:
        process.stdin.write(pickled_config)
    return WorkerProcess(process, number, worker_timeout)
