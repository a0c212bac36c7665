"""`notification send USER… --category … --message …`."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from notification.cli import remote

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "send a notification to one or more users"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("usernames", nargs="+", metavar="USER", help="a user's name; may be given several times")
    remote.add_service(parser)
    parser.add_argument("--category", required=True, help="3 to 20 characters, such as like")
    parser.add_argument("--message", required=True, help="the text, up to 255 characters")
    parser.add_argument(
        "--property", type=_pair, action="append", default=[], metavar="NAME=VALUE", dest="properties",
        help="a property; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--key",
        type=remote.sendable,
        help="an idempotency key: repeated with the same key, the command creates only one notification for each user",
    )
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Send the notification."""
    return remote.converse(_send, options)


async def _send(client: "NotificationClient", options: Namespace) -> int:
    if len(options.usernames) > 1:
        return await _send_to_many(client, options)
    from notification.cli.formatting import as_json, notification_fields

    created = await client.create(options.usernames[0], *_notification(options), idempotency_key=options.key)
    print(as_json(notification_fields(created)) if options.json else created.id)
    return 0


async def _send_to_many(client: "NotificationClient", options: Namespace) -> int:
    """Send to several users. Returns 0 if every user has the notification. A repetition with the same key sends only to
    the users that do not have the notification yet."""
    from notification.cli.formatting import as_json, fan_out_fields, printable

    outcome = await client.create_many(options.usernames, *_notification(options), idempotency_key=options.key)
    if options.json:
        print(as_json(fan_out_fields(outcome)))
    for result in () if options.json else outcome.results:
        if result.id is not None:
            print(f"{result.id}  {result.username}")
        else:
            print(f"notification: {printable(result.username)}: {result.message} ({result.code})", file=sys.stderr)
    if any(result.code == HTTPStatus.SERVICE_UNAVAILABLE for result in outcome.results):
        return remote.UNAVAILABLE
    return 1 if outcome.failed else 0


def _notification(options: Namespace) -> tuple[str, str, dict[str, str]]:
    return options.category, options.message, dict(options.properties)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
