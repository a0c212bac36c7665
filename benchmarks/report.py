"""Writes the results as a table, as JSON and as a chart."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Final

from benchmarks.memory import Figure
from benchmarks.profiles import Profile
from benchmarks.ratios import Result

RESULTS: Final = Path(__file__).parent / "results"
PACKAGES: Final = ("aiohttp", "uvloop", "multidict")
_VERSIONS: Final = """
import importlib.metadata, json, platform, sys
print(json.dumps([platform.python_version(), *map(importlib.metadata.version, sys.argv[1:])]))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that a run has measured."""

    results: list[Result] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)


def table(data: Measured) -> str:
    """Format the results as tables: first those of the configuration as shipped, then those without request lines."""
    titles = {True: "as shipped, with a line for each request", False: "without request lines"}
    parts = [_ratios(title, [one for one in data.results if one.request_lines is on]) for on, title in titles.items()]
    parts += [[*map(_figure, data.figures)], *map(_layers, data.profiles)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _ratios(title: str, results: Sequence[Result]) -> list[str]:
    head = f"{'ours/s':>8}{'limit/s':>8}{'µs CPU':>8}{'limit':>7}{'ratio':>7}{'range':>11}{'wanted':>8}"
    return [f"{title:<52}{head}", *map(_line, results)] if results else []


def _line(one: Result) -> str:
    rates = f"{one.ours.per_second:>8.0f}{one.limit.per_second:>8.0f}{one.ours.cpu:>8.0f}{one.limit.cpu:>7.0f}"
    spread = f"{one.lowest:.2f}-{one.highest:.2f}"
    wanted = "" if one.at_least is None else f"{one.at_least:.2f}"
    return f"{one.name:<52}{rates}{one.ratio:>7.2f}{spread:>11}{wanted:>8}{_mark(one.reached)}"


def _layers(one: Profile) -> list[str]:
    """The lines of a profile."""
    title = f"{one.name}, as shipped: {one.cpu:.0f} µs of CPU ({one.cpu_profiled:.0f} with the profiler)"
    return [title, *(f"  {name:<50}{share:>8.1%}{share * one.cpu:>8.1f} µs" for name, share in one.layers.items())]


def _figure(one: Figure) -> str:
    most = "" if one.at_most is None else f" (at most {one.at_most:g})"
    return f"{one.name:<52}{one.value:>8.1f} {one.unit}{most}{_mark(one.reached)}"


def _mark(reached: bool) -> str:
    return "" if reached else "  not reached"


def machine(python: str) -> dict[str, object]:
    """Describe the machine, and the Python that runs the servers with the versions of its packages."""
    command = [python, "-c", _VERSIONS, *PACKAGES]
    versions = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        **dict(zip(("python", *PACKAGES), versions, strict=True)),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def write(data: Measured, python: str = sys.executable, folder: Path = RESULTS) -> None:
    """Write `results.json` and `ratios.svg`. `python`: the one that ran the servers."""
    folder.mkdir(exist_ok=True)
    ratios = [{**asdict(one), "ours": one.ours._asdict(), "limit": one.limit._asdict()} for one in data.results]
    written = {
        "machine": machine(python),
        "ratios": ratios,
        "figures": [figure._asdict() for figure in data.figures],
        "profiles": [profile._asdict() for profile in data.profiles],
    }
    (folder / "results.json").write_text(json.dumps(written, indent=2) + "\n")
    (folder / "ratios.svg").write_text(drawing(data.results))


def drawing(results: Sequence[Result]) -> str:
    """Draw the ratios as bars, each with a mark at its target. Those without request lines are lighter."""
    longest = max([1.0, *(max(one.ratio, one.at_least or 0) for one in results)])
    rows = "".join(_row(number, one, 300 / longest) for number, one in enumerate(results))
    height = 24 * len(results) + 16
    size = f'width="860" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/>{rows}</svg>\n'
    )


def _row(number: int, one: Result, scale: float) -> str:
    top, target = 8 + 24 * number, one.at_least or 0
    name, colour = (one.name, "#4c78a8") if one.request_lines else (f"{one.name}, without request lines", "#9ecae9")
    mark = f'x1="{460 + target * scale:.1f}" x2="{460 + target * scale:.1f}" y1="{top}" y2="{top + 22}"'
    return (
        f'<text x="450" y="{top + 15}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="460" y="{top + 3}" width="{one.ratio * scale:.1f}" height="16" fill="{colour}"/>'
        + (f'<line {mark} stroke="#e45756" stroke-width="2"/>' if target else "")
        + f'<text x="{466 + max(one.ratio, target) * scale:.1f}" y="{top + 15}">{one.ratio:.2f}</text>'
    )
