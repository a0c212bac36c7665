"""One of several processes that serve together: `python -m notification.runtime.worker NUMBER SOCKETS SOCKETS`.

`workers.py` runs it. It inherits the sockets by their file descriptors, with commas between them, those for operators
alone last; reads its configuration from standard input; says `ready` on standard output; and stops when standard input
ends, for then its parent is gone.
"""

import asyncio
import os
import pickle
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
from notification.runtime.server import serve_on
from notification.runtime.sockets import Sockets

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that has prometheus_client keep its numbers in files of that folder."""

log = structlog.get_logger()


def main(arguments: Sequence[str]) -> int:
    """Serve; returns the exit code."""
    number, public, operators = int(arguments[0]), *arguments[1:]
    config: Config = pickle.load(sys.stdin.buffer)  # noqa: S301  # from our own parent, who has checked it
    set_up_logging(config.logging, worker=number)
    # A worker that takes another one's place goes on with its numbers: a counter never goes back.
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]
    sockets = Sockets.of_descriptors(public, operators)
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(sockets, config))
    except (NotificationError, OSError) as error:
        log.error("can't serve", reason=str(error))  # noqa: TRY400  # the reason is for an operator, the trace is not
        return 1
    return 0


async def _serve(sockets: Sockets, config: Config) -> None:
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
