"""Arguments and errors of commands that use a running service."""

import asyncio
import os
import sys
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Awaitable, Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Final

from notification.cli.usage import UsageError
from notification.domain.errors import NotificationError

if TYPE_CHECKING:
    from notification.client import NotificationClient

UNAVAILABLE: Final = 3
"""The exit code if the service does not answer."""

ADDRESS: Final = "http://127.0.0.1:8080"

Conversation = Callable[["NotificationClient", Namespace], Awaitable[int | None]]
"""The part of a command that talks to the service. It returns the exit code; `None` means 0."""


def add_arguments(parser: ArgumentParser, patience: float = 5.0) -> None:
    """Add USER and the service's options. `patience`: the default of --patience in seconds."""
    parser.add_argument("username", metavar="USER", help="the user's name")
    add_service(parser, patience)


def add_service(parser: ArgumentParser, patience: float = 5.0) -> None:
    """Add the service's options: its address, and how long to retry."""
    add_url(parser, SUPPRESS)
    parser.set_defaults(is_remote=True)
    parser.add_argument(
        "--patience",
        type=_seconds,
        default=patience,
        metavar="SECONDS",
        help="how long to retry if the service does not answer (%(default)s)",
    )


def add_url(parser: ArgumentParser, default: str | None) -> None:
    """Add the option --url.

    For the parser of a subcommand, pass `SUPPRESS` as `default`. Any other default would override a --url that stands
    before the subcommand.
    """
    parser.add_argument(
        "--url",
        type=_address,
        default=default,
        help=f"the service's address; default: $NOTIFICATION_URL, then {ADDRESS}",
    )


def address(options: Namespace, environment: Mapping[str, str] = os.environ) -> str:
    """Return the service's address. Raises `UsageError` if the environment variable is not an address."""
    given: str | None = options.url
    try:
        return given or _address(environment.get("NOTIFICATION_URL") or ADDRESS)
    except ArgumentTypeError as error:
        raise UsageError(f"NOTIFICATION_URL: {error}") from error


def add_json(parser: ArgumentParser) -> None:
    """Add the flag --json."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def sendable(text: str) -> str:
    """Check an argument that is sent as a header. Raises `ArgumentTypeError`."""
    if not text or not text.isascii() or not text.isprintable():
        raise ArgumentTypeError(f"{text!r} is not printable ASCII")
    return text


def converse(conversation: Conversation, options: Namespace) -> int:
    """Run a command against the service. Returns the exit code. Raises `NotificationError` if the service refuses."""
    from notification.client import NotificationClientError, Unavailable

    try:
        code = asyncio.run(_talk(conversation, options))
    except Unavailable as error:
        print(f"notification: {error}", file=sys.stderr)
        return UNAVAILABLE
    except NotificationClientError as error:
        raise NotificationError(str(error)) from error
    return code or 0


async def _talk(conversation: Conversation, options: Namespace) -> int | None:
    from notification.client import NotificationClient, Retries

    async with NotificationClient(address(options), retries=Retries(deadline=options.patience)) as client:
        return await conversation(client, options)


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")) or not text.partition("://")[2]:
        raise ArgumentTypeError(f"{text!r} is not an address such as {ADDRESS}")
    return text


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < inf:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds")
    return number
