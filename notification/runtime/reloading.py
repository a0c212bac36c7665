"""Serves until a signal arrives. SIGTERM and SIGINT stop the service, SIGHUP reloads its configuration."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from typing import Any, Final, Protocol

import structlog

from notification.domain.errors import ConfigError, NotificationError
from notification.runtime.config import Config
from notification.runtime.server import InProcess
from notification.runtime.sockets import Sockets
from notification.runtime.supervisor import Supervisor, WorkerNumbers

RESTART_ONLY: Final = ("server.host", "server.port", "server.admin_port", "logging")
"""Keys that a reload can't change, because the process binds its sockets and sets up its log only once."""

log = structlog.get_logger()


class Serving(Protocol):
    """A service with one configuration, in this process or in workers."""

    async def start(self) -> None:
        """Return once the service listens. Raises an error if it can't. The caller must call `stop` in either case."""

    async def stop(self) -> None:
        """Accept no more connections, finish the requests that are in progress, and release everything."""


async def serve(config: Config, load: Callable[[], Config]) -> None:
    """Serve until SIGTERM or SIGINT. `load` reads the configuration again and raises `ConfigError`.

    Raises `OSError` if the address can't be used, `StoreError` or `WorkerFailed` if the service can't start.
    """
    with ExitStack() as stack:
        sockets = Sockets.open(config.server, os.environ)
        stack.callback(sockets.close)
        numbers = WorkerNumbers()
        stack.callback(numbers.close)
        await _Service(config, load, sockets, numbers).run()


class _Signals:
    """The signals that the process has received."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self._any = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._any.set)

    def _stop(self) -> None:
        self.stop.set()
        self._any.set()

    async def reload_wanted(self) -> bool:
        """Wait for the next signal. Return whether it requests a reload; otherwise, the service has to stop."""
        await self._any.wait()
        if not self.stop.is_set():
            self._any.clear()
        return not self.stop.is_set()

    async def unless_stopped(self, work: Coroutine[Any, Any, None]) -> bool:
        """Run `work`, and cancel it if the service has to stop. Return whether `work` has finished."""
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(self.stop.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            finished = working.done()
        finally:
            working.cancel()
            stopping.cancel()
            await asyncio.wait((working, stopping))
        if finished:
            working.result()
        return finished


class _Service:
    """The current service, and earlier services that are still finishing their requests."""

    def __init__(self, config: Config, load: Callable[[], Config], sockets: Sockets, numbers: WorkerNumbers) -> None:
        self._config = config
        self._load = load
        self._sockets = sockets
        self._numbers = numbers
        self._signals = _Signals()
        self._serving = self._make(config)
        self._retiring: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT stops the service."""
        try:
            if await self._signals.unless_stopped(self._serving.start()):
                self._log_state("listening")
            while await self._signals.reload_wanted():
                await self._reload()
            log.info("stopping", timeout=self._config.server.shutdown_timeout)
        finally:
            self._sockets.close()
            await asyncio.gather(self._serving.stop(), *self._retiring)
        log.info("stopped")

    def _make(self, config: Config) -> Serving:
        if config.server.workers > 1:
            return Supervisor(config, self._sockets, self._numbers)
        return InProcess(config, self._sockets.duplicate())

    def _log_state(self, event: str) -> None:
        server = self._config.server
        log.info(event, **self._sockets.urls, storage=self._config.storage, workers=server.workers)

    async def _reload(self) -> None:
        """Start a service with the current configuration, and then stop the old one. On failure, keep the old one."""
        try:
            config = self._load()
            self._check_reloadable(config)
            successor = await self._start(config)
        except (NotificationError, OSError) as error:
            reasons = error.reasons if isinstance(error, ConfigError) else [str(error)]
            log.error("the configuration is not reloaded", reasons=reasons)  # noqa: TRY400  # the reasons say it all
            return
        if successor is None:
            return
        retiring = asyncio.create_task(self._serving.stop())
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)
        self._serving, self._config = successor, config
        self._log_state("reloaded")

    def _check_reloadable(self, config: Config) -> None:
        """Raise `ConfigError` if a changed key needs a restart."""
        changed = [path for path in RESTART_ONLY if _at(self._config, path) != _at(config, path)]
        if changed:
            raise ConfigError([f"{path} has changed, which needs a restart" for path in changed])

    async def _start(self, config: Config) -> Serving | None:
        """Start a service with `config` and return it. Return `None` if a signal stops the service in the meantime."""
        successor = self._make(config)
        serves = False
        try:
            serves = await self._signals.unless_stopped(successor.start())
        finally:
            if not serves:
                await successor.stop()
        return successor if serves else None


def _at(config: Any, path: str) -> object:
    for name in path.split("."):
        config = getattr(config, name)
    return config
