"""`python -m benchmarks` runs all benchmarks. Keep the machine otherwise idle."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import http, memory, profiles, pythons, report, riak, streams, watched
from benchmarks.processes import Setup
from benchmarks.ratios import Comparison, compare
from benchmarks.wrk import check_installed

APART: Final = 0.004
"""Maximum delay of a message between the stand-in's nodes, in seconds, in the runs with delay."""
PARTS: Final = ("http", "watched", "riak", "pythons", "memory", "streams", "profile")


def main() -> None:
    """Run the benchmarks, print the results, and write them to benchmarks/results/ if no part was left out."""
    options = _options()
    check_installed()
    parts = {"profile"} if options.profile else set(options.only or PARTS)
    pythons_ = options.python or [sys.executable]
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        setup = Setup(Path(name), options.seconds, pythons_[0])
        measured = report.Measured()
        for opened in _comparisons(setup, parts, pythons_[1:]):
            with opened as comparisons:
                measured.results.extend(compare(comparisons, options.rounds))
        if "memory" in parts:
            measured.figures.extend(memory.figures(setup))
        if "streams" in parts:
            measured.figures.extend(streams.figures(setup))
        if "profile" in parts:
            measured.profiles.extend(profiles.profiles(setup))
    print(report.table(measured))
    if parts == set(PARTS):
        report.write(measured, setup.python)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each comparison (5)")
    parser.add_argument("--seconds", type=int, default=2, help="seconds of each load (2)")
    parser.add_argument("--only", action="append", choices=PARTS, help="run this part; may be repeated")
    parser.add_argument("--profile", action="store_true", help="only show where the time goes, by layer")
    parser.add_argument(
        "--python",
        action="append",
        help="the Python that runs the servers (the one that runs this program); each further one is compared with it",
    )
    return parser.parse_args()


def _comparisons(
    setup: Setup, parts: set[str], others: list[str]
) -> Iterator[AbstractContextManager[list[Comparison]]]:
    """Yield the comparisons of these parts, first with the shipped configuration, then without request lines."""
    hops = (0,) if "RIAK_NODES" in os.environ else (0, APART)
    of_parts: dict[str, list[Callable[[Setup, bool], AbstractContextManager[list[Comparison]]]]] = {
        "http": [http.comparisons],
        "watched": [watched.comparisons],
        "riak": [partial(riak.comparisons, hop=hop) for hop in hops],
    }
    for request_lines in (True, False):
        for name, openers in of_parts.items():
            yield from (comparisons(setup, request_lines) for comparisons in openers if name in parts)
    yield from (pythons.comparisons(setup, other) for other in others if "pythons" in parts)


if __name__ == "__main__":
    main()
