"""`python -m benchmarks` runs all benchmarks. Keep the machine otherwise idle."""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import http, memory, report, riak, watched
from benchmarks.ratios import compare
from benchmarks.wrk import check_installed

APART = 0.004
"""Maximum delay of a message between the stand-in's nodes, in seconds, in the runs with delay."""


def main() -> None:
    """Run all benchmarks, print the results and write them to benchmarks/results/."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each comparison (5)")
    parser.add_argument("--seconds", type=int, default=2, help="seconds of each load (2)")
    options = parser.parse_args()
    check_installed()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with http.comparisons(folder, options.seconds) as comparisons:
            results = compare(comparisons, options.rounds)
        with watched.comparisons(folder / "watched", options.seconds) as comparisons:
            results += compare(comparisons, options.rounds)
        for hop in (0,) if "RIAK_NODES" in os.environ else (0, APART):
            with riak.comparisons(folder, options.seconds, hop) as comparisons:
                results += compare(comparisons, options.rounds)
        figures = memory.figures(folder)
    print(report.table(results, figures))
    report.write(results, figures)


if __name__ == "__main__":
    main()
