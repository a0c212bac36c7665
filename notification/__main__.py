"""The command line: `notification server config.yml`, `notification check config.yml`.

Exit codes: 0 done, 1 it failed, 2 wrong arguments or a configuration that can't be used.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from notification.config import Config, load_config
from notification.errors import ConfigError, NotificationError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        config = load_config(options.config, os.environ)
        return int(options.run(config))
    except ConfigError as error:
        for reason in error.reasons:
            print(f"{options.config}: {reason}", file=sys.stderr)
        return 2
    except (NotificationError, OSError) as error:
        print(f"notification: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="notification", description="Keeps every user's notification feed.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, summary in (
        ("server", _server, "serve until told to stop"),
        ("check", _check, "tell everything that is wrong with a configuration"),
    ):
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument("config", type=Path, metavar="CONFIG", help="the configuration, such as config.yml")
        command.set_defaults(run=run)
    return parser


def _server(config: Config) -> int:
    from notification.logs import set_up_logging
    from notification.server import serve

    set_up_logging(config.logging)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(config))
    return 0


def _check(config: Config) -> int:
    print("The configuration can be used.")
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    sys.exit(main())
