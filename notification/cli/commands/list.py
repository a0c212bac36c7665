"""`notification list USER`."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote
from notification.cli.terminal import paint_for

if TYPE_CHECKING:
    from notification.client import NotificationClient

PAGE: Final = 20
"""The number of groups and single notifications shown without --all."""
LONG_PAGE: Final = 100
"""The number of groups and single notifications in each request with --all."""

SUMMARY: Final = "show a user's notifications, newest first"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    remote.add_arguments(parser)
    parser.add_argument("--all", action="store_true", help="show all, not only the newest 20")
    marking = parser.add_mutually_exclusive_group()
    marking.add_argument("--seen", action="store_true", help="mark all as seen, as when the user reads them")
    marking.add_argument("--peek", action="store_true", help="leave them unseen (the default)")
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Print the notifications."""
    return remote.converse(_list, options)


async def _list(client: "NotificationClient", options: Namespace) -> None:
    from notification.cli.formatting import as_json, list_summary, notification_fields, notification_lines

    page = await client.page(options.username, limit=LONG_PAGE if options.all else PAGE, peek=not options.seen)
    items = [*page.items]
    next_ = page.next
    while options.all and next_ is not None:
        further = await client.page(options.username, next_, peek=True)
        items, next_ = [*items, *further.items], further.next
    if options.json:
        print(as_json([notification_fields(item) for item in items]))
    else:
        paint = paint_for(sys.stdout)
        for item in items:
            print("\n".join(notification_lines(item, paint)))
    sys.stdout.flush()  # so that the summary comes last on a terminal
    print(list_summary(options.username, items, page), file=sys.stderr)
