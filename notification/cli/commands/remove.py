"""`notification remove USER ID…`."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote
from notification.cli.usage import UsageError

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "remove some or all of a user's notifications"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    remote.add_arguments(parser)
    parser.add_argument("ids", nargs="*", metavar="ID", help="the ids of the notifications")
    parser.add_argument("--all", action="store_true", help="remove all notifications and all cursors of the user")


def run(options: Namespace) -> int:
    """Remove the notifications. Raises `UsageError` unless either ids or --all are given."""
    from siblings.ksuid import is_id

    if options.all == bool(options.ids):
        raise UsageError("give either ids or --all")
    wrong = [f"{id_!r}" for id_ in options.ids if not is_id(id_)]
    if wrong:
        raise UsageError(f"nothing was removed: {', '.join(wrong)} can't be the id of a notification")
    return remote.converse(_remove, options)


async def _remove(client: "NotificationClient", options: Namespace) -> None:
    if options.all:
        await client.remove_all(options.username)
    else:
        await client.remove(options.username, *options.ids)
