"""Compare two loads that alternate (A B A B), so that the median ratio does not depend on the machine or the time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple


class Rate(NamedTuple):
    """The result of a load: requests per second, and CPU microseconds per request in the measured process."""

    per_second: float
    cpu: float


Measure = Callable[[], Rate]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares the load `ours` with the load `limit`.

    `request_lines`: whether the service logs a line for each request, as it does by default. `at_least`: the target
    ratio of their requests per second.
    """

    name: str
    ours: Measure
    limit: Measure
    request_lines: bool
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a comparison over all rounds: the medians, and the minimum and maximum ratio."""

    name: str
    ours: Rate
    limit: Rate
    ratio: float
    lowest: float
    highest: float
    request_lines: bool
    at_least: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the ratio reaches its target, if it has one."""
        return self.at_least is None or self.ratio >= self.at_least


def compare(comparisons: Iterable[Comparison], rounds: int) -> list[Result]:
    """Run every comparison `rounds` times, after one warm-up round."""
    return [_compare(comparison, rounds) for comparison in comparisons]


def _compare(comparison: Comparison, rounds: int) -> Result:
    pairs = [(comparison.ours(), comparison.limit()) for _ in range(rounds + 1)][1:]
    ratios = sorted(ours.per_second / limit.per_second for ours, limit in pairs)
    return Result(
        comparison.name,
        _median(ours for ours, _ in pairs),
        _median(limit for _, limit in pairs),
        median(ratios),
        ratios[0],
        ratios[-1],
        comparison.request_lines,
        comparison.at_least,
    )


def _median(rates: Iterable[Rate]) -> Rate:
    per_second, cpu = zip(*rates, strict=True)
    return Rate(median(per_second), median(cpu))
