"""Starts, watches, replaces and stops the worker processes (`server.workers`) that serve on the same port.

All workers inherit the same listening sockets, so new connections wait in one queue per socket. If a worker dies, the
other workers accept the connections that wait there. As with one process, a second service can't bind the same port.
"""

import asyncio
import contextlib
import pickle
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import Final

import structlog
from prometheus_client.multiprocess import mark_process_dead

from notification.domain.errors import WorkerFailed
from notification.runtime.config import Config
from notification.runtime.sockets import Sockets
from notification.runtime.worker_process import WorkerProcess, start_worker

LEEWAY: Final = 5.0
"""Seconds after `shutdown_timeout` until a worker is killed. This loses no write that the worker has acknowledged."""

log = structlog.get_logger()


class Pauses:
    """Computes the pause before a worker is restarted, in seconds. It doubles each time a worker lives only briefly."""

    FIRST: Final = 0.1
    LONGEST: Final = 30.0
    STEADY: Final = 60.0
    """After a worker that has lived this long, the pause is `FIRST` again."""

    def __init__(self) -> None:
        self._next = self.FIRST

    def after(self, lived: float) -> float:
        """Return the pause in seconds after a worker that lived for `lived` seconds."""
        pause = self.FIRST if lived >= self.STEADY else self._next
        self._next = min(pause * 2, self.LONGEST)
        return pause


class WorkerNumbers:
    """The numbers of the running workers, and the folder in which each worker stores its metrics under its number.

    A worker continues the counters of the previous worker with its number, so a counter never goes back.
    """

    def __init__(self) -> None:
        self._taken: set[int] = set()

    @cached_property
    def _temporary(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="notification-")

    @property
    def folder(self) -> Path:
        """The folder. It is created at the first access."""
        return Path(self._temporary.name)

    def take(self) -> int:
        """Return the lowest free number, from 1."""
        number = next(number for number in range(1, len(self._taken) + 2) if number not in self._taken)
        self._taken.add(number)
        return number

    def release(self, number: int) -> None:
        """Free the number of a worker that has ended, and remove its gauges."""
        mark_process_dead(number, str(self.folder))  # type: ignore[no-untyped-call]
        self._taken.discard(number)

    def close(self) -> None:
        """Remove the folder, if it was created."""
        if "_temporary" in self.__dict__:
            self._temporary.cleanup()


class Supervisor:
    """Runs `server.workers` worker processes with one configuration on `sockets`, and replaces those that end."""

    def __init__(self, config: Config, sockets: Sockets, numbers: WorkerNumbers) -> None:
        self._config = config
        self._pickled = pickle.dumps(config)
        self._sockets = sockets
        self._numbers = numbers
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = [asyncio.Event() for _ in range(config.server.workers)]
        self._running: set[WorkerProcess] = set()
        self._stopping = asyncio.Event()
        self._up = False

    async def start(self) -> None:
        """Start the workers, and return once all of them serve. Raises `WorkerFailed` if a worker ends before that."""
        self._tasks = [asyncio.create_task(self._supervise(ready)) for ready in self._ready]
        all_ready = asyncio.create_task(self._all_ready())
        try:
            await asyncio.wait([all_ready, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            self._up = all_ready.done()
        finally:
            all_ready.cancel()
        for task in self._tasks:
            if task.done():
                task.result()

    async def stop(self) -> None:
        """Stop all workers. Kill each worker that has not ended `LEEWAY` seconds after `shutdown_timeout`."""
        self._stopping.set()
        for worker in self._running:
            worker.terminate()
        if not self._tasks:
            return
        await asyncio.wait(self._tasks, timeout=self._config.server.shutdown_timeout + LEEWAY)
        for worker in self._running:
            log.warning("a worker did not stop in time and is killed", pid=worker.pid)
            worker.kill()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _all_ready(self) -> None:
        for ready in self._ready:
            await ready.wait()

    async def _supervise(self, ready: asyncio.Event) -> None:
        """Keep one worker running until `stop` is called. Set `ready` once it serves."""
        pauses = Pauses()
        while not self._stopping.is_set():
            began = time.monotonic()
            number = self._numbers.take()
            try:
                code = await self._run(number, ready)
            finally:
                self._numbers.release(number)
            if self._stopping.is_set():
                return
            if not self._up:
                raise WorkerFailed(f"worker {number} does not come up, exit code {code}; the log has the reason")
            pause = pauses.after(time.monotonic() - began)
            log.error("worker ended and is replaced", worker=number, code=code, pause=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _run(self, number: int, ready: asyncio.Event) -> int:
        """Run one worker and return its exit code. If a signal ended the worker, this is minus the signal's number."""
        timeout = self._config.server.worker_timeout
        try:
            worker = await start_worker(number, self._pickled, self._sockets, self._numbers.folder, timeout)
        except OSError as error:  # the system lacks memory or processes; a later attempt might succeed
            log.error("a worker can't be started", worker=number, reason=str(error))  # noqa: TRY400  # no trace needed
            return 1
        self._running.add(worker)
        try:
            if self._stopping.is_set():
                worker.terminate()
            return await worker.watch(ready)
        finally:
            self._running.discard(worker)
