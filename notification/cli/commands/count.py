"""`notification count USER`."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "print how many notifications a user has, and how many are unseen"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    remote.add_arguments(parser)
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Print the counts."""
    return remote.converse(_count, options)


async def _count(client: "NotificationClient", options: Namespace) -> None:
    from notification.cli.formatting import as_json, counts_fields, counts_line

    counts = await client.count(options.username)
    print(as_json(counts_fields(counts)) if options.json else counts_line(counts))
