"""What was measured, as a table, as JSON and as a drawing."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path

from benchmarks.memory import Figure
from benchmarks.ratios import Result

RESULTS = Path(__file__).parent / "results"


def table(results: Sequence[Result], figures: Sequence[Figure]) -> str:
    """For people."""
    lines = [f"{'what':<52}{'ours/s':>9}{'limit/s':>9}{'ratio':>7}{'range':>13}{'wanted':>8}"]
    for one in results:
        spread = f"{one.lowest:.2f}-{one.highest:.2f}"
        mark = "" if one.reached else "  not reached"
        lines.append(
            f"{one.name:<52}{one.ours:>9.0f}{one.limit:>9.0f}{one.ratio:>7.2f}{spread:>13}{one.at_least:>8.2f}{mark}"
        )
    for figure in figures:
        mark = "" if figure.value <= figure.at_most else "  not reached"
        lines.append(f"{figure.name:<52}{figure.value:>9.1f} {figure.unit:<3} (at most {figure.at_most:g}){mark}")
    return "\n".join(lines)


def write(results: Sequence[Result], figures: Sequence[Figure], folder: Path = RESULTS) -> None:
    """`results.json` and `ratios.svg`."""
    folder.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    data = {
        "machine": machine,
        "ratios": [asdict(one) for one in results],
        "figures": [figure._asdict() for figure in figures],
    }
    (folder / "results.json").write_text(json.dumps(data, indent=2) + "\n")
    (folder / "ratios.svg").write_text(drawing(results))


def drawing(results: Sequence[Result]) -> str:
    """Bars of the ratios, each with a mark at what is wanted."""
    longest = max(1.0, *(max(one.ratio, one.at_least) for one in results))
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
        f'<text x="{366 + one.ratio * scale:.1f}" y="{top + 15}">{one.ratio:.2f}</text>'
    )
