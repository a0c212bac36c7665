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
    parts = [
        _ratios(title, [result for result in data.results if result.request_lines is on])
        for on, title in titles.items()
    ]
    parts += [[*map(_figure, data.figures)], *map(_layers, data.profiles)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _ratios(title: str, results: Sequence[Result]) -> list[str]:
    head = f"{'ours/s':>8}{'limit/s':>8}{'µs CPU':>8}{'limit':>7}{'ratio':>7}{'range':>11}{'wanted':>8}"
    return [f"{title:<52}{head}", *map(_line, results)] if results else []


def _line(result: Result) -> str:
    rates = (
        f"{result.ours.per_second:>8.0f}{result.limit.per_second:>8.0f}{result.ours.cpu:>8.0f}{result.limit.cpu:>7.0f}"
    )
    spread = f"{result.lowest:.2f}-{result.highest:.2f}"
    wanted = "" if result.at_least is None else f"{result.at_least:.2f}"
    return f"{result.name:<52}{rates}{result.ratio:>7.2f}{spread:>11}{wanted:>8}{_mark(result.reached)}"


def _layers(profile: Profile) -> list[str]:
    """The lines of a profile."""
    title = f"{profile.name}, as shipped: {profile.cpu:.0f} µs of CPU ({profile.cpu_profiled:.0f} with the profiler)"
    return [
        title,
        *(f"  {name:<50}{share:>8.1%}{share * profile.cpu:>8.1f} µs" for name, share in profile.layers.items()),
    ]


def _figure(figure: Figure) -> str:
    most = "" if figure.at_most is None else f" (at most {figure.at_most:g})"
    return f"{figure.name:<52}{figure.value:>8.1f} {figure.unit}{most}{_mark(figure.reached)}"


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
    ratios = [
        {**asdict(result), "ours": result.ours._asdict(), "limit": result.limit._asdict()} for result in data.results
    ]
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
    longest = max([1.0, *(max(result.ratio, result.at_least or 0) for result in results)])
    rows = "".join(_row(number, result, 300 / longest) for number, result in enumerate(results))
    height = 24 * len(results) + 16
    size = f'width="860" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/>{rows}</svg>\n'
    )


def _row(number: int, result: Result, scale: float) -> str:
    top, target = 8 + 24 * number, result.at_least or 0
    name, colour = (
        (result.name, "#4c78a8") if result.request_lines else (f"{result.name}, without request lines", "#9ecae9")
    )
    mark = f'x1="{460 + target * scale:.1f}" x2="{460 + target * scale:.1f}" y1="{top}" y2="{top + 22}"'
    return (
        f'<text x="450" y="{top + 15}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="460" y="{top + 3}" width="{result.ratio * scale:.1f}" height="16" fill="{colour}"/>'
        + (f'<line {mark} stroke="#e45756" stroke-width="2"/>' if target else "")
        + f'<text x="{466 + max(result.ratio, target) * scale:.1f}" y="{top + 15}">{result.ratio:.2f}</text>'
    )
