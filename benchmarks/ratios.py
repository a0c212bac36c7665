"""Comparisons: two loads in turn, A B A B, and the median of each round's ratio. Machines differ, and so do minutes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

Measure = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ours` over `limit`, both in requests per second; `at_least` is what is asked of the ratio."""

    name: str
    ours: Measure
    limit: Measure
    at_least: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a comparison, over all rounds."""

    name: str
    ours: float
    limit: float
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
    ratios = sorted(ours / limit for ours, limit in pairs)
    return Result(
        comparison.name,
        median(ours for ours, _ in pairs),
        median(limit for _, limit in pairs),
        median(ratios),
        ratios[0],
        ratios[-1],
        comparison.at_least,
    )
