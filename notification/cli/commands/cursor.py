"""`notification cursor USER`."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "print how far a user has read, or move the cursor forward"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    remote.add_arguments(parser)
    parser.add_argument("--name", default="notifications", help="which of the user's cursors (%(default)s)")
    parser.add_argument("--to", metavar="ID", help="first mark everything up to this notification as seen")
    parser.add_argument("--remove", action="store_true", help="delete the cursor that --name names")
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Print the cursor, after moving it if --to is given."""
    return remote.converse(_cursor, options)


async def _cursor(client: "NotificationClient", options: Namespace) -> None:
    from notification.cli.formatting import as_json, printable

    if options.remove:
        await client.remove_cursor(options.username, options.name)
        return
    if options.to is not None:
        await client.move_cursor(options.username, options.to, options.name)
    cursor = await client.cursor(options.username, options.name)
    if options.json:
        print(as_json({"key": cursor.key, "value": cursor.value} if cursor else None))
    elif cursor:
        print(printable(cursor.value))
