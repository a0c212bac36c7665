"""`notification rule CATEGORY`."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote
from notification.cli.usage import UsageError

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "make, replace or remove the rule of a category"


def add_arguments(parser: ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("category", metavar="CATEGORY", help="such as like")
    remote.add_service(parser)
    parser.add_argument("--max-size", type=int, metavar="N", help="how many are nested under the newest one, at most")
    parser.add_argument("--max-duration", metavar="TIME", help='how much older they may be, such as "12 hours"')
    parser.add_argument("--match-on", metavar="PROPERTY", help="the property that has to be the same")
    parser.add_argument("--remove", action="store_true", help="remove the category's rule")


def run(options: Namespace) -> int:
    """Make or remove it. Raises `UsageError` if both are asked for, or neither."""
    is_made = any(part is not None for part in _parts(options))
    if options.remove == is_made:
        raise UsageError(
            "a rule is made or removed, not both"
            if is_made
            else "a rule needs one of --max-size, --max-duration and --match-on; or --remove it"
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
