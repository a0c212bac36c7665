"""Durations as people write them: a whole number and a unit, as in Dropwizard's configuration ("12 hours")."""

import re
from typing import Final, NamedTuple

NANOSECONDS: Final = {
    "nanosecond": 1,
    "microsecond": 1_000,
    "millisecond": 1_000_000,
    "second": 1_000_000_000,
    "minute": 60_000_000_000,
    "hour": 3_600_000_000_000,
    "day": 86_400_000_000_000,
}
_SHORT: Final = {"ns": "nanosecond", "us": "microsecond", "ms": "millisecond", "s": "second", "m": "minute"}
_UNITS: Final = {
    **_SHORT,
    "min": "minute",
    "mins": "minute",
    "h": "hour",
    "d": "day",
    **{unit: unit for unit in NANOSECONDS},
    **{unit + "s": unit for unit in NANOSECONDS},
}
_SHAPE = re.compile(r"([0-9]{1,19})\s*([a-z]+)", re.ASCII).fullmatch

MAX_NANOSECONDS: Final = 2**63 - 1
"""Maximum duration in nanoseconds, about 292 years. Other services hold durations in signed integers of 64 bits."""


class Duration(NamedTuple):
    """An amount and a singular unit. Durations of equal length are equal only if their units are the same too."""

    amount: int
    unit: str

    @property
    def nanoseconds(self) -> int:
        """The length in nanoseconds."""
        return self.amount * NANOSECONDS[self.unit]

    @property
    def seconds(self) -> float:
        """The length in seconds, for timers."""
        return self.nanoseconds / NANOSECONDS["second"]

    def __str__(self) -> str:
        """The long form, such as "1 hour" or "12 hours"."""
        return f"{self.amount} {self.unit}" if self.amount == 1 else f"{self.amount} {self.unit}s"


def parse_duration(text: str) -> Duration:
    """Parse a duration such as "12 hours", "12h" or "1 day". Raises `ValueError` with the expected format."""
    match = _SHAPE(text.strip())
    unit = _UNITS.get(match[2]) if match else None
    if match is None or unit is None:
        raise ValueError('a duration is a whole number and a unit (ns, us, ms, s, m or min, h, d), such as "12 hours"')
    duration = Duration(int(match[1]), unit)
    if duration.nanoseconds > MAX_NANOSECONDS:
        raise ValueError("a duration is at most 292 years")
    return duration
