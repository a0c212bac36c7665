"""`notification inspect CONFIG BUCKET KEY`."""

import asyncio
from argparse import ArgumentParser, Namespace
from typing import Final

from notification.cli.configuration import add_config, load, opened
from notification.cli.remote import add_json
from notification.domain.errors import NotificationError

SUMMARY: Final = "show what is stored under a key: every sibling and the merged value"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)
    parser.add_argument("bucket", choices=["notifications", "cursors", "rules"], metavar="BUCKET",
                        help="notifications, cursors or rules")  # fmt: skip
    parser.add_argument("key", metavar="KEY", help="a username; USER-notifications for the cursor; rules")
    add_json(parser)


def run(options: Namespace) -> int:
    """Print the description, as YAML or JSON. Raises `NotificationError` if nothing is stored."""
    import yaml

    from notification.cli.formatting import as_json

    shown = asyncio.run(_inspect(options))
    print(as_json(shown) if options.json else yaml.safe_dump(shown, sort_keys=False, allow_unicode=True).rstrip())
    return 0


async def _inspect(options: Namespace) -> dict[str, object]:
    from notification.operations.copying import Place
    from notification.operations.inspection import describe, inspect
    from notification.runtime.app import RULES, TYPES, rules_besides

    config = load(options.config)
    async with opened(config) as store:
        inspected = await inspect(store, TYPES[options.bucket], options.bucket, options.key)
        place = Place(options.bucket, options.key)
        besides = (await rules_besides(store, config)).get(place) if options.bucket == RULES else None
    if besides is not None:
        siblings = [*inspected.siblings]
        return {"siblings": siblings, "merged": inspected.merged, "of_the_java_service": describe(besides)}
    if not inspected.siblings:
        raise NotificationError(f"nothing is stored under {options.bucket}/{options.key}")
    return {"siblings": [*inspected.siblings], "merged": inspected.merged}
