"""A worker as its parent sees it: a process that sends its heartbeat through a pipe."""

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
"""A worker hangs if it misses this many intervals in a row. One may be missed because the machine was suspended."""
STARTUP: Final = 30.0
"""Seconds to wait for the first heartbeat, unless `worker_timeout` is longer: a busy machine starts a worker slowly."""

log = structlog.get_logger()


class WorkerProcess:
    """A running worker. `timeout`: seconds without a heartbeat until it is killed."""

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
        """Return the exit code once the worker has ended. Set `ready` when it serves; kill it if it hangs."""
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
        """Return the bytes that arrive within `interval` seconds; `b""` if the worker has ended, or `None`."""
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
        pass_fds=[one.fileno() for one in sockets.every],
        env={**os.environ, SHARED: str(shared)},
    )
    if process.stdin is not None:
        process.stdin.write(pickled_config)
    return WorkerProcess(process, number, worker_timeout)
