"""Running the service in a process until it is told to stop."""

import asyncio
import signal
from typing import Final

import structlog
from aiohttp import web

from notification.app import open_application
from notification.config import Config

LONGEST_LINE: Final = 64 * 1024
"""Bytes of a request line, and of one header: a removal names up to 1000 ids in its query."""

log = structlog.get_logger()


async def serve(config: Config) -> None:
    """Serve until SIGTERM or SIGINT: then stop accepting, finish what runs, write what waits, close."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_application(config) as application:
        runner = make_runner(application, config)
        await runner.setup()
        site = web.TCPSite(runner, config.server.host, config.server.port, backlog=1024)
        try:
            await site.start()
            log.info("listening", url=_url(runner), storage=config.storage)
            await stop.wait()
            log.info("stopping", timeout=config.server.shutdown_timeout)
        finally:
            await runner.cleanup()
    log.info("stopped")


def make_runner(application: web.Application, config: Config) -> web.AppRunner:
    """What speaks HTTP for an application, with the limits of this service."""
    return web.AppRunner(
        application,
        access_log=None,
        shutdown_timeout=config.server.shutdown_timeout,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
    )


def _url(runner: web.AppRunner) -> str:
    host, port, *_ = runner.addresses[0]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
