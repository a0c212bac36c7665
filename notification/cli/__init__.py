"""The command line, with a file for each command in `commands/`.

Commands parse arguments, call the client, the services or `operations`, and print; they contain no business rules.
So that `--help` is fast, modules here import little at the top, and a command imports what it needs when it runs.
Bottom-up:

- `usage`, `terminal`: wrong arguments, colours and progress
- `formatting`, `samples`: what commands print and what `demo` sends; pure
- `configuration`, `remote`: arguments for commands on a store, and for commands on a running service
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from notification.cli import remote
from notification.cli.commands import (
    backup,
    check,
    check_data,
    completion,
    copy,
    count,
    cursor,
    demo,
    inspect,
    remove,
    rule,
    rules,
    send,
    server,
    watch,
)
from notification.cli.commands import list as list_
from notification.cli.usage import UsageError
from notification.domain.errors import ConfigError, NotificationError

FAILED: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130
OUTPUT_CLOSED: Final = 141
"""The exit code that shells report for a program that SIGPIPE has ended."""

EXIT_CODES: Final = """\
exit codes:
  0    done
  1    failure: the service refused, a store can't be used, or something could not be copied or read
  2    wrong arguments, or an invalid configuration
  3    the service did not answer in time; a retry may help
  130  interrupted by Ctrl-C
"""

COMMANDS: Final = {
    "server": server,
    "check": check,
    "send": send,
    "list": list_,
    "watch": watch,
    "count": count,
    "remove": remove,
    "cursor": cursor,
    "rules": rules,
    "rule": rule,
    "demo": demo,
    "inspect": inspect,
    "copy": copy,
    "check-data": check_data,
    "backup": backup,
    "completion": completion,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for characters that the terminal's encoding lacks
    options = parse(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has closed the pipe; the rest of the buffer must not fail at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED
    except UsageError as error:
        print(f"notification: {error}; see --help", file=sys.stderr)
        return UNUSABLE
    except ConfigError as error:
        print("\n".join(error.reasons), file=sys.stderr)
        return UNUSABLE
    except (NotificationError, OSError) as error:
        print(f"notification: {error}", file=sys.stderr)
        return FAILED
    return code


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command and its options. If they are wrong, the process exits with 2."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.url and not options.is_remote:
        parser.error("--url is for commands that use a running service")
    return options


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="notification",
        description="Keep every user's notification feed.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    remote.add_url(parser, None)
    parser.set_defaults(is_remote=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for name, command in COMMANDS.items():
        described = commands.add_parser(name, help=command.SUMMARY, description=f"{command.SUMMARY}.")
        command.add_arguments(described)
        described.set_defaults(run=command.run)
    return parser


class _Version(argparse.Action):
    """Looks up the version only when it is printed, because that takes longer than the rest of `--help`."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import packages_distributions, version

        names = packages_distributions().get("notification")
        print(f"notification {version(names[0]) if names else 'without a version: it is not installed'}")
        parser.exit()
