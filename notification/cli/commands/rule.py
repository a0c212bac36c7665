"""`notification rule CATEGORY`."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote
from notification.cli.usage import UsageError

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "create, replace or remove the rule of a category"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("category", metavar="CATEGORY", help="the category, such as like")
    remote.add_service(parser)
    parser.add_argument(
        "--max-size", type=int, metavar="N", help="the maximum number of notifications under the newest one of a group"
    )
    parser.add_argument(
        "--max-duration", metavar="TIME", help='how much older than the newest one they may be, such as "12 hours"'
    )
    parser.add_argument("--match-on", metavar="PROPERTY", help="the property that must have the same value")
    parser.add_argument("--remove", action="store_true", help="remove the category's rule")


def run(options: Namespace) -> int:
    """Create or remove the rule. Raises `UsageError` if both are requested, or neither."""
    has_parts = any(part is not None for part in _parts(options))
    if options.remove == has_parts:
        raise UsageError(
            "--remove can't be combined with the parts of a rule"
            if has_parts
            else "give one of --max-size, --max-duration and --match-on, or --remove"
        )
    return remote.converse(_rule, options)


async def _rule(client: "NotificationClient", options: Namespace) -> None:
    from notification.client import Rule

    if options.remove:
        await client.remove_rule(options.category)
    else:
        await client.put_rule(options.category, Rule(*_parts(options)))


def _parts(options: Namespace) -> tuple[int | None, str | None, str | None]:
    return options.max_size, options.max_duration, options.match_on
