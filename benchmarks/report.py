"""Writes the results as a table, as JSON and as a chart."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from importlib.metadata import version
from pathlib import Path

from benchmarks.memory import Figure
from benchmarks.ratios import Result

RESULTS = Path(__file__).parent / "results"


def table(results: Sequence[Result], figures: Sequence[Figure]) -> str:
    """Format the results as a table."""
    head = f"{'what':<46}{'ours/s':>8}{'limit/s':>8}{'µs CPU':>8}{'limit':>7}{'ratio':>7}{'range':>11}{'wanted':>8}"
    return "\n".join([head, *map(_line, results), *map(_figure, figures)])


def _line(one: Result) -> str:
    rates = f"{one.ours.per_second:>8.0f}{one.limit.per_second:>8.0f}{one.ours.cpu:>8.0f}{one.limit.cpu:>7.0f}"
    spread = f"{one.lowest:.2f}-{one.highest:.2f}"
    return f"{one.name:<46}{rates}{one.ratio:>7.2f}{spread:>11}{one.at_least:>8.2f}{_mark(one.reached)}"


def _figure(one: Figure) -> str:
    most = "" if one.at_most is None else f" (at most {one.at_most:g})"
    return f"{one.name:<46}{one.value:>8.1f} {one.unit}{most}{_mark(one.reached)}"


def _mark(reached: bool) -> str:
    return "" if reached else "  not reached"


def machine() -> dict[str, object]:
    """Describe the machine and the versions."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("aiohttp", "uvloop", "multidict")},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def write(results: Sequence[Result], figures: Sequence[Figure], folder: Path = RESULTS) -> None:
    """Write `results.json` and `ratios.svg`."""
    folder.mkdir(exist_ok=True)
    data = {
        "machine": machine(),
        "ratios": [{**asdict(one), "ours": one.ours._asdict(), "limit": one.limit._asdict()} for one in results],
        "figures": [figure._asdict() for figure in figures],
    }
    (folder / "results.json").write_text(json.dumps(data, indent=2) + "\n")
    (folder / "ratios.svg").write_text(drawing(results))


def drawing(results: Sequence[Result]) -> str:
    """Draw the ratios as bars, each with a mark at its target."""
    longest = max([1.0, *(max(one.ratio, one.at_least) for one in results)])
    rows = "".join(_row(number, one, 300 / longest) for number, one in enumerate(results))
    height = 24 * len(results) + 16
    size = f'width="760" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/>{rows}</svg>\n'
    )


def _row(number: int, one: Result, scale: float) -> str:
    top = 8 + 24 * number
    mark = 360 + one.at_least * scale
    return (
        f'<text x="350" y="{top + 15}" text-anchor="end">{escape(one.name)}</text>'
        f'<rect x="360" y="{top + 3}" width="{one.ratio * scale:.1f}" height="16" fill="#4c78a8"/>'
        f'<line x1="{mark:.1f}" x2="{mark:.1f}" y1="{top}" y2="{top + 22}" stroke="#e45756" stroke-width="2"/>'
        f'<text x="{366 + max(one.ratio, one.at_least) * scale:.1f}" y="{top + 15}">{one.ratio:.2f}</text>'
    )
