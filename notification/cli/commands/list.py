"""`notification list USER`."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote
from notification.cli.terminal import paint_for

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "show a user's notifications, newest first, and mark them as seen"


def add_arguments(parser: ArgumentParser) -> None:
    """What it takes."""
    remote.add_arguments(parser)
    parser.add_argument("--all", action="store_true", help="all of them, not only the newest 20")
    parser.add_argument("--peek", action="store_true", help="do not mark them as seen")
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Show them."""
    return remote.converse(_list, options)


async def _list(client: "NotificationClient", options: Namespace) -> None:
    from notification.cli.formatting import as_json, notification_fields, notification_lines

    if options.all:
        items = [item async for item in client.list(options.username, peek=options.peek)]
    else:
        items = [*(await client.page(options.username, peek=options.peek)).items]
    if options.json:
        print(as_json([notification_fields(item) for item in items]))
        return
    paint = paint_for(sys.stdout)
    for item in items:
        print("\n".join(notification_lines(item, paint)))
