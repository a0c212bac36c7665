"""One of several processes that serve together: `python -m notification.worker NUMBER SOCKET…`, run by `workers.py`.

It inherits the sockets by their file descriptors, reads its configuration from standard input, says `ready` on standard
output, and stops when standard input ends: then whoever ran it is gone.
"""

import asyncio
import os
import pickle
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import values

from notification.config import Config
from notification.errors import NotificationError
from notification.logs import set_up_logging
from notification.loop import loop_factory
from notification.server import serve_on

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that has prometheus_client keep its numbers in files of that folder."""

log = structlog.get_logger()


def main(arguments: Sequence[str]) -> int:
    """Serve; returns the exit code."""
    number, *descriptors = map(int, arguments)
    config: Config = pickle.load(sys.stdin.buffer)  # noqa: S301  # from our own parent, who has checked it
    set_up_logging(config.logging, worker=number)
    # A worker that takes another one's place goes on with its numbers: a counter never goes back.
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]
    sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(sockets, config))
    except (NotificationError, OSError) as error:
        log.error("can't serve", reason=str(error))  # noqa: TRY400  # the reason is for an operator, the trace is not
        return 1
    return 0


async def _serve(sockets: Sequence[socket.socket], config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def orphaned() -> None:
        loop.remove_reader(sys.stdin)
        log.warning("the parent process is gone")
        stop.set()

    loop.add_reader(sys.stdin, orphaned)
    await serve_on(sockets, config, _say_ready, stop=stop, shared=Path(os.environ[SHARED]))
    loop.remove_reader(sys.stdin)


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
