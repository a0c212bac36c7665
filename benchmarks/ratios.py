"""Comparisons: two loads in turn, A B A B, and the median of each round's ratio. Machines differ, and so do minutes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple


class Rate(NamedTuple):
    """What one load came to: requests per second, and microseconds of CPU that the measured process took for each."""

    per_second: float
    cpu: float


Measure = Callable[[], Rate]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ours` over `limit`; `at_least` is what is asked of the ratio of their requests per second."""

    name: str
    ours: Measure
    limit: Measure
    at_least: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a comparison, over all rounds: medians, the lowest and the highest ratio."""

    name: str
    ours: Rate
    limit: Rate
    ratio: float
    lowest: float
    highest: float
    at_least: float

    @property
    def reached(self) -> bool:
        """Whether the ratio is what is asked."""
        return self.ratio >= self.at_least


def compare(comparisons: Iterable[Comparison], rounds: int) -> list[Result]:
    """Run every comparison `rounds` times, after one round that does not count."""
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
        comparison.at_least,
    )


def _median(rates: Iterable[Rate]) -> Rate:
    per_second, cpu = zip(*rates, strict=True)
    return Rate(median(per_second), median(cpu))
