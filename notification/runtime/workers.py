"""Several processes that serve on one port (`server.workers`): started, watched, started again, and stopped together.

They inherit one listening socket. Connections wait in one queue, so those that a dying worker has not accepted are
another's; and a second service on the same port is refused, as it is with one process.
"""

import asyncio
import contextlib
import os
import pickle
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any, Final

import structlog
from prometheus_client.multiprocess import mark_process_dead

from notification.domain.errors import WorkerFailed
from notification.runtime.config import Config
from notification.runtime.server import stop_at_signal
from notification.runtime.sockets import Sockets
from notification.runtime.worker import SHARED

LEEWAY: Final = 5.0
"""Seconds beyond `shutdown_timeout` after which a worker that has not ended is killed; what it answered is stored."""

log = structlog.get_logger()


class Pauses:
    """How long to wait before a worker is started again: the more often it dies young, the longer. Seconds."""

    FIRST: Final = 0.1
    LONGEST: Final = 30.0
    STEADY: Final = 60.0
    """One that lived that long is no sign of a lasting trouble."""

    def __init__(self) -> None:
        self._next = self.FIRST

    def after(self, lived: float) -> float:
        """The pause after a worker that lived for so long."""
        pause = self.FIRST if lived >= self.STEADY else self._next
        self._next = min(pause * 2, self.LONGEST)
        return pause


async def serve_with_workers(config: Config) -> None:
    """Serve until SIGTERM or SIGINT, with as many processes as the configuration says.

    Raises `OSError` where the address is taken, `WorkerFailed` where a worker does not come up to begin with.
    """
    stop = stop_at_signal()
    sockets = Sockets.bind(config.server)
    with tempfile.TemporaryDirectory(prefix="notification-") as folder:
        crew = _Crew(config, sockets, Path(folder))
        try:
            await crew.start(stop)
            if not stop.is_set():
                log.info("listening", **sockets.urls, storage=config.storage, workers=config.server.workers)
            await stop.wait()
            log.info("stopping", timeout=config.server.shutdown_timeout)
        finally:
            sockets.close()
            await crew.stop()
    log.info("stopped")


class _Crew:
    def __init__(self, config: Config, sockets: Sockets, shared: Path) -> None:
        self._patience = config.server.shutdown_timeout + LEEWAY
        self._config = pickle.dumps(config)
        self._arguments = sockets.descriptors
        self._descriptors = [one.fileno() for one in sockets.every]
        self._shared = shared
        self._numbers = range(1, config.server.workers + 1)
        self._keepers: list[asyncio.Task[None]] = []
        self._ready: dict[int, asyncio.Event] = {number: asyncio.Event() for number in self._numbers}
        self._running: dict[int, Process] = {}
        self._stopping = asyncio.Event()
        self._up = False

    async def start(self, stop: asyncio.Event) -> None:
        """Return once all serve, or `stop` is set. Raises `WorkerFailed` where one ends before."""
        self._keepers = [asyncio.create_task(self._keep(number), name=f"worker {number}") for number in self._numbers]
        all_up = asyncio.create_task(self._all_ready())
        stopped = asyncio.create_task(stop.wait())
        either: list[asyncio.Future[Any]] = [all_up, stopped, *self._keepers]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        self._up = all_up.done()
        stopped.cancel()
        all_up.cancel()
        for keeper in self._keepers:
            if keeper.done():
                keeper.result()

    async def stop(self) -> None:
        """Have all workers stop; kill those that take too long."""
        self._stopping.set()
        for process in self._alive():
            process.terminate()
        await asyncio.wait(self._keepers, timeout=self._patience)
        for process in self._alive():
            log.warning("a worker did not stop in time and is killed", pid=process.pid)
            process.kill()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _all_ready(self) -> None:
        for ready in self._ready.values():
            await ready.wait()

    def _alive(self) -> list[Process]:
        return [process for process in self._running.values() if process.returncode is None]

    async def _keep(self, number: int) -> None:
        """Have worker `number` run, again and again, until all stop."""
        pauses = Pauses()
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._run(number)
            mark_process_dead(number, str(self._shared))  # type: ignore[no-untyped-call]
            if self._stopping.is_set():
                return
            if not self._up:
                raise WorkerFailed(f"worker {number} does not come up, exit code {code}; the log tells why")
            pause = pauses.after(time.monotonic() - began)
            log.error("worker ended, another one follows", worker=number, code=code, pause=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _run(self, number: int) -> int:
        """One life of a worker. Returns its exit code, below 0 a signal's number."""
        command = (sys.executable, "-m", "notification.runtime.worker", str(number), *self._arguments)
        environment = {**os.environ, SHARED: str(self._shared)}
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, pass_fds=self._descriptors, env=environment
            )
        except OSError as error:  # no memory or no process to be had now: later, perhaps
            log.error("a worker can't be started", worker=number, reason=str(error))  # noqa: TRY400  # says all there is
            return 1
        self._running[number] = process
        if self._stopping.is_set():
            process.terminate()
        if process.stdin is not None and process.stdout is not None:
            process.stdin.write(self._config)
            if await process.stdout.readline():
                self._ready[number].set()
        return await process.wait()
