"""Durations as people write them."""

import pytest

from notification.domain.duration import NANOSECONDS, Duration, parse_duration


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1h", "1 hour"), ("12 hours", "12 hours"), ("12h", "12 hours"), ("1 hours", "1 hour"), ("2 day", "2 days"),
     ("0s", "0 seconds"), (" 5  m ", "5 minutes"), ("7us", "7 microseconds"), ("1ns", "1 nanosecond"),
     ("3 ms", "3 milliseconds"), ("60 minutes", "60 minutes"), ("1d", "1 day"),
     ("90 min", "90 minutes"), ("1min", "1 minute"), ("2 mins", "2 minutes")],
)  # fmt: skip
def test_a_duration_is_shown_in_its_long_form(text: str, shown: str) -> None:
    assert str(parse_duration(text)) == shown


@pytest.mark.parametrize(
    "text",
    ["", "5", "h", "1.5h", "-1h", "1 fortnight", "1 h 5 m", "1H", "٣ hours", "99999999999999999999 s", "107000 days"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a duration is"):
        parse_duration(text)


@pytest.mark.parametrize("unit", NANOSECONDS)
def test_every_unit_has_its_length(unit: str) -> None:
    assert parse_duration(f"3 {unit}s").nanoseconds == 3 * NANOSECONDS[unit]


def test_a_duration_can_be_given_to_a_timer() -> None:
    assert Duration(1500, "millisecond").seconds == 1.5
