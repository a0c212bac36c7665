"""`notification check-data CONFIG`."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from notification.cli.configuration import add_config, embedded_file, load, opened
from notification.cli.remote import add_json
from notification.cli.terminal import Progress

if TYPE_CHECKING:
    from notification.operations.checking import Checked
    from notification.runtime.config import Config

SUMMARY: Final = "check that everything in the store can be read"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Check the store. The exit code is 1 if something can't be read."""
    from notification.cli.formatting import as_json, printable, table
    from notification.storage.embedded.maintenance import findings

    config = load(options.config)
    file = embedded_file(config)
    damage = findings(file) if file else ()
    for line in damage:
        print(f"notification: {file}: {printable(line)}", file=sys.stderr)
    buckets = asyncio.run(_check(config))
    problems = [(f"{name}/{key}", why) for name, checked in buckets.items() for key, why in checked.problems.items()]
    for place, why in problems:
        print(f"notification: {printable(place)}: {printable(why)}", file=sys.stderr)
    print(as_json(_fields(damage, buckets)) if options.json else "\n".join(table(_rows(buckets))))
    return 1 if damage or problems else 0


async def _check(config: "Config") -> Mapping[str, "Checked"]:
    from notification.operations.checking import Checker
    from notification.runtime.app import TYPES

    async with opened(config) as store:
        checker = Checker(store, TYPES)
        places = await checker.places()
        with Progress("checking", len(places)) as progress:
            return await checker.check(places, progress.step)


def _rows(buckets: Mapping[str, "Checked"]) -> list[tuple[str, ...]]:
    numbers = [
        (name, str(checked.keys), str(checked.siblings), str(len(checked.problems)))
        for name, checked in buckets.items()
    ]
    return [("bucket", "keys", "siblings", "unreadable"), *numbers]


def _fields(damage: Sequence[str], buckets: Mapping[str, "Checked"]) -> dict[str, object]:
    fields = {
        name: {"keys": checked.keys, "siblings": checked.siblings, "unreadable": checked.problems}
        for name, checked in buckets.items()
    }
    return {"file": [*damage], "buckets": fields}
