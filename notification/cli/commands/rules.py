"""`notification rules`."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from notification.cli import remote

if TYPE_CHECKING:
    from notification.client import NotificationClient

SUMMARY: Final = "show the rules for grouping notifications"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    remote.add_service(parser)
    parser.add_argument("--remove-all", action="store_true", help="remove all rules")
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Print the rules, or remove them all."""
    return remote.converse(_rules, options)


async def _rules(client: "NotificationClient", options: Namespace) -> None:
    from notification.cli.formatting import as_json, printable, rule_fields, table

    if options.remove_all:
        await client.remove_rules()
        return
    rules = {category: rule_fields(rule) for category, rule in (await client.rules()).items()}
    if options.json:
        print(as_json(rules))
    elif rules:
        columns = ("max_size", "max_duration", "match_on")
        rows = [(category, *(str(fields.get(column, "")) for column in columns)) for category, fields in rules.items()]
        print("\n".join(table([("category", *columns), *(tuple(map(printable, row)) for row in rows)])))
