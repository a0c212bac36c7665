"""What the benchmarks make of what they measured."""

import json
import platform
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.memory import Figure
from benchmarks.profiles import Profile
from benchmarks.ratios import Comparison, Measure, Rate, Result, compare
from benchmarks.report import Measured, drawing, table, write

SVG = "{http://www.w3.org/2000/svg}"


def measure(*per_second: float, seen: list[str] | None = None, name: str = "") -> Measure:
    """A load that comes to these rates, one after the other."""
    rates: Iterator[float] = iter(per_second)

    def run() -> Rate:
        if seen is not None:
            seen.append(name)
        rate = next(rates)
        return Rate(rate, 1_000_000 / rate)

    return run


def result(ratio: float = 0.5, at_least: float | None = 0.4, *, request_lines: bool = True) -> Result:
    return Result("GET <20>", Rate(500, 90), Rate(1000, 40), ratio, ratio - 0.1, ratio + 0.1, request_lines, at_least)


PROFILE = Profile("GET", 100.0, 103.0, {"http": 0.75, "domain": 0.25})


def test_the_two_loads_take_turns() -> None:
    seen: list[str] = []
    ours, limit = measure(*[1.0] * 4, seen=seen, name="A"), measure(*[1.0] * 4, seen=seen, name="B")
    compare([Comparison("", ours, limit, request_lines=True)], rounds=3)
    assert "".join(seen) == "ABABABAB"


def test_the_first_round_does_not_count() -> None:
    (one,) = compare([Comparison("", measure(1, 50, 50), measure(100, 100, 100), True, 0.5)], rounds=2)
    assert (one.ratio, one.lowest, one.highest) == (0.5, 0.5, 0.5)


def test_a_ratio_is_the_median_of_those_of_each_round() -> None:
    # The machine became ten times slower in the third round: both did.
    (one,) = compare([Comparison("", measure(1, 50, 60, 4), measure(1, 100, 100, 10), True, 0.5)], rounds=3)
    assert (one.ratio, one.lowest, one.highest) == (0.5, 0.4, 0.6)
    assert (one.ours, one.limit.per_second) == (Rate(50, 20_000), 100)


@pytest.mark.parametrize(("ratio", "at_least", "reached"), [(0.4, 0.4, True), (0.39, 0.4, False), (0.1, None, True)])
def test_what_is_not_reached_is_said(ratio: float, at_least: float | None, reached: bool) -> None:
    assert result(ratio, at_least).reached is reached
    assert ("not reached" in table(Measured([result(ratio, at_least)]))) is not reached


@pytest.mark.parametrize(("value", "at_most", "reached"), [(70, 70, True), (71, 70, False), (71, None, True)])
def test_so_is_too_large_a_figure(value: float, at_most: float | None, reached: bool) -> None:
    text = table(Measured(figures=[Figure("idle", value, "MB", at_most)]))
    assert ("not reached" in text) is not reached


def test_the_configuration_as_shipped_comes_first_and_neither_is_hidden() -> None:
    text = table(Measured([result(0.7, request_lines=False), result(0.5)]))
    shipped, without = text.split("\n\n")
    assert shipped.startswith("as shipped")
    assert without.startswith("without request lines")
    assert ["0.50" in shipped, "0.70" in without] == [True, True]


def test_a_profile_is_shown_in_microseconds_of_the_request_without_the_profiler() -> None:
    lines = table(Measured(profiles=[PROFILE])).splitlines()
    assert "100 µs of CPU (103 with the profiler)" in lines[0]
    assert [line.split() for line in lines[1:]] == [["http", "75.0%", "75.0", "µs"], ["domain", "25.0%", "25.0", "µs"]]


def test_it_is_written_as_data_and_as_a_drawing(tmp_path: Path) -> None:
    write(Measured([result()], [Figure("idle", 60.0, "MB", 70)], [PROFILE]), folder=tmp_path)
    written = json.loads((tmp_path / "results.json").read_text())
    assert written["ratios"][0]["ours"] == {"per_second": 500, "cpu": 90}
    assert written["ratios"][0]["request_lines"] is True
    assert written["figures"] == [{"name": "idle", "value": 60.0, "unit": "MB", "at_most": 70}]
    assert written["profiles"] == [PROFILE._asdict()]
    assert written["machine"]["cores"] >= 1
    assert written["machine"]["python"] == platform.python_version()
    assert (tmp_path / "ratios.svg").read_text() == drawing([result()])


def test_the_drawing_is_well_formed_and_has_a_bar_for_each() -> None:
    root = ET.fromstring(drawing([result(), result(1.7, None, request_lines=False)]))
    bars = root.findall(f"{SVG}rect[@height='16']")
    assert [float(bar.attrib["width"]) for bar in bars] == pytest.approx([300 * 0.5 / 1.7, 300], abs=0.1)
    assert len(root.findall(f"{SVG}line")) == 1
    names = [text.text for text in root.findall(f"{SVG}text[@text-anchor='end']")]
    assert names == ["GET <20>", "GET <20>, without request lines"]
