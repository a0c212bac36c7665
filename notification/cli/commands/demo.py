"""`notification demo USER`."""

import random
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote
from notification.cli.terminal import Progress

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "fill a user's feed with life-like notifications"


def add_arguments(parser: ArgumentParser) -> None:
    """What it takes."""
    remote.add_arguments(parser)
    parser.add_argument("--count", type=int, default=30, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, help="the same number gives the same notifications")
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Fill it."""
    return remote.converse(_demo, options)


async def _demo(client: "NotificationClient", options: Namespace) -> None:
    from notification.cli.formatting import as_json
    from notification.cli.samples import samples

    ids = []
    with Progress("sending", options.count) as progress:
        for sample in samples(options.count, random.Random(options.seed)):  # noqa: S311  # it makes stories, no secrets
            ids.append((await client.create(options.username, *sample)).id)
            progress.step()
    made = {"username": options.username, "ids": ids}
    print(as_json(made) if options.json else f"{options.username} has {len(ids)} new notifications.")
