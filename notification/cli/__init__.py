"""The command line, a file per command under `commands/`.

What describes the commands imports little, so that `--help` is quick; what a command needs is imported when it runs.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import Final

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
from notification.errors import ConfigError, NotificationError

FAILED: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130
NOBODY_READS: Final = 141
"""As of a program that SIGPIPE has ended."""

EXIT_CODES: Final = """\
exit codes:
  0    done
  1    it failed: the service refused, a store can't be used, something was not copied or can't be read
  2    wrong arguments, or a configuration that can't be used
  3    the service gave no answer in time; trying again may help
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
    """Run a command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what the terminal's encoding can't show
    options = make_parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough; what is left in the buffer must not fail at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except ConfigError as error:
        print("\n".join(error.reasons), file=sys.stderr)
        return UNUSABLE
    except (NotificationError, OSError) as error:
        print(f"notification: {error}", file=sys.stderr)
        return FAILED
    return code


def make_parser() -> argparse.ArgumentParser:
    """What the command line takes."""
    parser = argparse.ArgumentParser(
        prog="notification",
        description="Keeps every user's notification feed.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for name, command in COMMANDS.items():
        described = commands.add_parser(name, help=command.SUMMARY, description=f"{command.SUMMARY}.")
        command.add_arguments(described)
        described.set_defaults(run=command.run)
    return parser
