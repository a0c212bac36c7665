"""`notification copy --from a.yml --to b.yml`."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from notification.cli.configuration import completed, load, opened
from notification.cli.remote import add_json
from notification.cli.terminal import Progress

if TYPE_CHECKING:
    from notification.operations.copying import Tally

SUMMARY: Final = "merge everything in one store into another"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    for name, dest, use in (
        ("--from", "source", "the source's configuration"),
        ("--to", "target", "the target's configuration"),
    ):
        completed(parser.add_argument(name, dest=dest, type=Path, required=True, metavar="CONFIG", help=use))
    add_json(parser)


def run(options: Namespace) -> int:
    """Copy the store. The exit code is 1 if something could not be copied."""
    from notification.cli.formatting import as_json, printable, table

    tallies = asyncio.run(_copy(options.source, options.target))
    failures = [(f"{name}/{key}", why) for name, tally in tallies.items() for key, why in tally.failures.items()]
    for place, why in failures:
        print(f"notification: {printable(place)} was not copied: {why}", file=sys.stderr)
    if options.json:
        print(as_json({name: _fields(tally) for name, tally in tallies.items()}))
    else:
        numbers = [(name, *map(str, _fields(tally).values())) for name, tally in tallies.items()]
        print("\n".join(table([("bucket", "keys", "siblings", "written", "failed"), *numbers])))
    return 1 if failures else 0


async def _copy(source_path: Path, target_path: Path) -> Mapping[str, "Tally"]:
    from notification.operations.copying import Copier
    from notification.runtime.app import TYPES, make_buckets, rules_besides

    source_config, target_config = load(source_path), load(target_path)
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(opened(source_config))
        target = await stack.enter_async_context(opened(target_config, must_exist=False))
        buckets = make_buckets(target, target_config)
        for bucket in buckets:
            stack.push_async_callback(bucket.close)
        copier = Copier(source, target, buckets, TYPES, await rules_besides(source, source_config))
        places = await copier.places()
        with Progress("copying", len(places)) as progress:
            return await copier.copy(places, progress.step)


def _fields(tally: "Tally") -> dict[str, int]:
    return {
        "keys": tally.keys,
        "siblings": tally.siblings,
        "written": tally.written,
        "failed": len(tally.failures),
    }
