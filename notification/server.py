"""Running the service in a process until it is told to stop."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from notification.app import open_application
from notification.config import Config
from notification.sockets import bind, close, url

LONGEST_LINE: Final = 64 * 1024
"""Bytes of a request line, and of one header: a removal names up to 1000 ids in its query."""
BACKLOG: Final = 1024
"""Connections that may wait to be accepted."""

COLLECT_AFTER: Final = (10_000, 20, 50)
"""Thresholds of Python's garbage collector, whose own of 700 has it look through what a busy service keeps for long
again and again: an eighth of the time of a POST."""

log = structlog.get_logger()


async def serve(config: Config) -> None:
    """Serve until SIGTERM or SIGINT: then stop accepting, finish what runs, write what waits, close."""
    sockets = bind(config.server.host, config.server.port)
    try:
        await serve_on(sockets, config, lambda: log.info("listening", url=url(sockets[0]), storage=config.storage))
    finally:
        close(sockets)


async def serve_on(
    sockets: Sequence[socket.socket],
    config: Config,
    ready: Callable[[], None],
    *,
    stop: asyncio.Event | None = None,
    shared: Path | None = None,
) -> None:
    """Serve on bound sockets until `stop`, or a signal. `ready` is called once it listens. `shared`: see `Metrics`."""
    stop = stop_at_signal(stop)
    gc.set_threshold(*COLLECT_AFTER)
    async with open_application(config, shared=shared) as application:
        runner = make_runner(application, config)
        await runner.setup()
        gc.freeze()  # what is there now stays: code, types, routes
        try:
            for bound in sockets:
                await web.SockSite(runner, bound, backlog=BACKLOG).start()
            ready()
            await stop.wait()
            log.info("stopping", timeout=config.server.shutdown_timeout)
        finally:
            await runner.cleanup()
    log.info("stopped")


def stop_at_signal(stop: asyncio.Event | None = None) -> asyncio.Event:
    """`stop`, or a new event, set when SIGTERM or SIGINT comes."""
    stop = stop or asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def make_runner(application: web.Application, config: Config) -> web.AppRunner:
    """What speaks HTTP for an application, with the limits of this service."""
    return web.AppRunner(
        application,
        access_log=None,
        shutdown_timeout=config.server.shutdown_timeout,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
    )
