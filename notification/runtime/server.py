"""The service in one process. It starts the application on its sockets, and stops it in time."""

import asyncio
import gc
import math
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from notification.http.keys import FRAME, OPERATORS
from notification.runtime.acceptor import OPERATOR_CONNECTIONS, Acceptor, connection_bound
from notification.runtime.app import open_application
from notification.runtime.config import Config
from notification.runtime.connection import Timeouts
from notification.runtime.gate import Gate
from notification.runtime.sockets import Sockets

MAX_LINE_BYTES: Final = 64 * 1024
"""Maximum bytes of a request line, and of a header. The query of a removal can contain 1000 ids."""
LINGERING: Final = 10.0
"""Maximum seconds to receive the rest of a body that is not needed. Many clients read no reply until they have sent
the whole body."""
CLOSING: Final = 1.0
"""Seconds of `shutdown_timeout`, but at most a quarter of it, that are reserved to close connections and the store."""
COLLECT_AFTER: Final = (1_000, 3, 2_000)
"""Thresholds of Python's garbage collector. It stops all requests while it runs. So it collects young objects often, a
few at a time, and all objects seldom. Broken requests leave nothing to it (`tests/http/test_garbage.py`)."""

log = structlog.get_logger()


class InProcess:
    """The service in this process. `stop` closes `sockets`.

    `shared`: the folder for the metrics of all workers; `None` if this is the only process.
    """

    def __init__(self, config: Config, sockets: Sockets, shared: Path | None = None) -> None:
        self._config = config
        self._sockets = sockets
        self._shared = shared
        self._sites: list[Site] = []
        self._stack = AsyncExitStack()
        self._stack.callback(sockets.close)

    async def start(self) -> None:
        """Return once the service listens. Raises `StoreError` if the store can't be used."""
        gc.set_threshold(*COLLECT_AFTER)
        config = self._config
        application = await self._stack.enter_async_context(open_application(config, shared=self._shared))
        self._sites = [Site(application, self._sockets.public, config, connection_bound(config))]
        if OPERATORS in application:
            self._sites.append(Site(application[OPERATORS], self._sockets.operators, config, OPERATOR_CONNECTIONS))
        for site in self._sites:
            await site.start()
        gc.freeze()  # code, types and routes exist as long as the process
        self._stack.callback(gc.unfreeze)

    async def stop(self) -> None:
        """Finish the requests that are in progress and the pending writes, within `shutdown_timeout` seconds."""
        end = asyncio.get_running_loop().time() + self._config.server.shutdown_timeout
        try:
            await asyncio.gather(*(site.stop() for site in self._sites))
        finally:
            await self._close(end)

    async def _close(self, end: float) -> None:
        try:
            async with asyncio.timeout_at(end):
                await self._stack.aclose()
        except TimeoutError:
            log.warning("unfinished writes were cancelled", reason="server.shutdown_timeout has passed")


class Site:
    """An application on its sockets."""

    def __init__(
        self, application: web.Application, sockets: Sequence[socket.socket], config: Config, bound: int
    ) -> None:
        self._runner = make_runner(application, config)
        self._sockets = sockets
        self._bound = bound
        self._acceptor: Acceptor | None = None

    async def start(self) -> None:
        """Accept connections."""
        await self._runner.setup()
        self._acceptor = Acceptor(self._sockets, self._runner.gate, self._bound)
        self._acceptor.start()

    async def stop(self) -> None:
        """Accept no more connections, and finish the requests that are in progress."""
        if self._acceptor is not None:
            await self._acceptor.stop()
        await self._runner.cleanup()


class Runner(web.AppRunner):
    """Serves an application over HTTP. It stops within `shutdown_timeout` seconds, even if clients are slow."""

    def __init__(self, application: web.Application, timeouts: Timeouts, **options: Any) -> None:
        super().__init__(application, **options)
        self._timeouts = timeouts
        self._end = math.inf
        self.gate: Gate

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        options = {"loop": asyncio.get_running_loop(), **self._kwargs}
        frame = self.app.get(FRAME)
        handler = frame(made.request_handler) if frame else made.request_handler
        self.gate = Gate(handler, self._timeouts, request_factory=made.request_factory, **options)
        return self.gate

    async def cleanup(self) -> None:
        """Stop within `shutdown_timeout` seconds. Requests get most of this time."""
        kept = min(CLOSING, self._shutdown_timeout / 4)
        self._end = asyncio.get_running_loop().time() + self._shutdown_timeout - kept
        await super().cleanup()

    async def shutdown(self) -> None:
        """End the application's streams. Requests get the rest of the time."""
        try:
            async with asyncio.timeout_at(self._end):
                await super().shutdown()
        except TimeoutError:
            log.warning("streams cut off", reason="server.shutdown_timeout has passed")
        self._shutdown_timeout = max(self._end - asyncio.get_running_loop().time(), 0.0)


def make_runner(application: web.Application, config: Config) -> Runner:
    """Return a runner for an application, with the limits of the configuration."""
    server = config.server
    timeouts = Timeouts(
        server.header_timeout, server.body_timeout, server.write_timeout, server.idle_timeout, server.max_unread
    )
    return Runner(
        application,
        timeouts,
        access_log=None,
        shutdown_timeout=server.shutdown_timeout,
        keepalive_timeout=server.idle_timeout,
        lingering_time=min(LINGERING, server.body_timeout),
        max_line_size=MAX_LINE_BYTES,
        max_field_size=MAX_LINE_BYTES,
    )
