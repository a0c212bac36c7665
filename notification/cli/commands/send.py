"""`notification send USER --category … --message …`."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "put a notification on top of a user's feed"


def add_arguments(parser: ArgumentParser) -> None:
    """What it takes."""
    remote.add_arguments(parser)
    parser.add_argument("--category", required=True, help="3 to 20 characters, such as like")
    parser.add_argument("--message", required=True, help="what the user reads, up to 255 characters")
    parser.add_argument(
        "--property", type=_pair, action="append", default=[], metavar="NAME=VALUE", dest="properties",
        help="a property; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--key",
        type=remote.sendable,
        help="an idempotency key: sent twice with the same one, there is one notification",
    )
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Send it."""
    return remote.converse(_send, options)


async def _send(client: "NotificationClient", options: Namespace) -> None:
    from notification.cli.formatting import as_json, notification_fields

    properties = dict(options.properties)
    made = await client.create(
        options.username, options.category, options.message, properties, idempotency_key=options.key
    )
    print(as_json(notification_fields(made)) if options.json else made.id)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
