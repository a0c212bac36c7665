"""`notification server CONFIG`."""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Final

from notification.cli.configuration import add_config, load

SUMMARY: Final = "serve until told to stop"


def add_arguments(parser: ArgumentParser) -> None:
    """What it takes."""
    add_config(parser)


def run(options: Namespace) -> int:
    """Serve. Raises `ConfigError`, `StoreError`, and `OSError` where the address can't be used."""
    from notification.logs import set_up_logging
    from notification.server import serve

    config = load(options.config)
    set_up_logging(config.logging)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(config))
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
