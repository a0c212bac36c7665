"""One of several processes that serve together: `python -m notification.runtime.worker NUMBER SOCKETS SOCKETS`.

The supervisor starts a worker. The worker inherits its sockets as file descriptors, separated by commas. The first
argument lists the public sockets, the second the sockets of `server.admin_port`. The worker reads its pickled
configuration from standard input. To standard output, it writes `READY` when it serves, and `BEAT` regularly while its
event loop runs. It stops at the end of standard input, because its parent process has then ended.
"""

import asyncio
import contextlib
import logging
import os
import pickle
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import values

from notification.domain.errors import NotificationError
from notification.runtime.config import Config
from notification.runtime.logs import set_up_logging
from notification.runtime.loop import loop_factory
from notification.runtime.server import InProcess
from notification.runtime.sockets import Sockets

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that makes prometheus_client keep its values in files of that folder."""
READY: Final = b"r"
BEAT: Final = b"."
BEATS: Final = 8
"""Number of heartbeats within one `server.worker_timeout`."""

log = structlog.get_logger()


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal arrives or the parent ends. Return the exit code."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # only the parent reloads; a closed terminal signals all processes
    number, public, operators = int(arguments[0]), *arguments[1:]
    config: Config = pickle.load(sys.stdin.buffer)  # noqa: S301  # the text comes from the parent process
    set_up_logging(config.logging, worker=number)
    # A worker that replaces another one continues that worker's counters, so that a counter never decreases.
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]
    sockets = Sockets.of_descriptors(public, operators)
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(sockets, config))
    except (NotificationError, OSError) as error:
        log.error("can't serve", reason=str(error))  # noqa: TRY400  # the operator needs the reason, not a trace
        return 1
    return 0


async def _serve(sockets: Sockets, config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def orphaned() -> None:
        loop.remove_reader(sys.stdin)
        log.warning("the parent process is gone")
        stop.set()

    loop.add_reader(sys.stdin, orphaned)
    os.set_blocking(sys.stdout.fileno(), False)
    beating = loop.create_task(_beat(config.server.worker_timeout / BEATS))
    serving = InProcess(config, sockets, Path(os.environ[SHARED]))
    try:
        await serving.start()
        _report(READY)
        await stop.wait()
        log.info("stopping", timeout=config.server.shutdown_timeout)
    finally:
        await serving.stop()
        beating.cancel()
        loop.remove_reader(sys.stdin)
    log.info("stopped")


async def _beat(interval: float) -> None:
    while True:
        _report(BEAT)
        await asyncio.sleep(interval)


def _report(message: bytes) -> None:
    # The pipe is full if the parent is suspended, and closed if the parent has ended, which `orphaned` handles.
    with contextlib.suppress(BlockingIOError, BrokenPipeError):
        os.write(sys.stdout.fileno(), message)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    logging.shutdown()  # writes the log lines that wait
    os._exit(code)  # the store is closed; the interpreter would take up to half a second to free memory first
