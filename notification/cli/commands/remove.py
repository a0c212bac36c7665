"""`notification remove USER ID…`."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote
from notification.errors import NotificationError

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "remove some of a user's notifications, or all of them"


def add_arguments(parser: ArgumentParser) -> None:
    """What it takes."""
    remote.add_arguments(parser)
    parser.add_argument("ids", nargs="*", metavar="ID", help="which ones, by their ids")
    parser.add_argument("--all", action="store_true", help="all of them, and the user's cursor")


def run(options: Namespace) -> int:
    """Remove them. Raises `NotificationError` where it is not clear which."""
    if options.all == bool(options.ids):
        raise NotificationError("say which ones by their ids, or --all")
    return remote.converse(_remove, options)


async def _remove(client: "NotificationClient", options: Namespace) -> None:
    if options.all:
        await client.remove_all(options.username)
    else:
        await client.remove(options.username, *options.ids)
