"""`notification watch USER`."""

import sys
from argparse import ArgumentParser, Namespace
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from notification.cli import remote
from notification.cli.terminal import paint_for

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "show events in a user's feed as they happen, until Ctrl-C"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    remote.add_arguments(parser, patience=60.0)
    parser.add_argument(
        "--since", type=remote.sendable, metavar="ID", help="start with the events after this notification"
    )
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Print the events."""
    return remote.converse(_watch, options)


async def _watch(client: "NotificationClient", options: Namespace) -> None:
    from notification.cli.formatting import as_json, event_fields, event_lines

    paint = paint_for(sys.stdout)
    async with aclosing(client.stream(options.username, since=options.since)) as events:
        async for event in events:
            lines = [as_json(event_fields(event))] if options.json else event_lines(event, paint)
            print("\n".join(lines), flush=True)
