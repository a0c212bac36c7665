"""Back-off: how long to wait, and when to give up."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.client import Retries
from notification.client.retrying import RetryBudget, parse_retry_after


@given(failures=st.integers(1, 10_000), fraction=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_at_most_the_first_one_doubled_and_never_above_the_longest(failures: int, fraction: float) -> None:
    pause = Retries(first=0.1, longest=2.0).pause(failures, None, fraction)
    assert 0 <= pause <= min(0.1 * 2 ** min(failures - 1, 100), 2.0)


@given(failures=st.integers(1, 50), asked=st.floats(0, 1000), fraction=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_at_least_what_the_service_asked_for(failures: int, asked: float, fraction: float) -> None:
    assert Retries().pause(failures, asked, fraction) >= asked


def test_pauses_are_spread_over_their_whole_length() -> None:
    retries = Retries(first=0.1)
    assert [retries.pause(3, None, fraction) for fraction in (0, 0.5)] == [0, pytest.approx(0.2)]


async def test_a_budget_of_no_time_ends_with_the_first_failure() -> None:
    assert not await RetryBudget(Retries(deadline=0)).pause()


async def test_a_budget_ends_if_the_pause_asked_for_is_longer_than_it() -> None:
    assert not await RetryBudget(Retries(deadline=5)).pause(asked=6)


async def test_a_budget_ends_with_the_deadline() -> None:
    now = [0.0]
    budget = RetryBudget(Retries(deadline=5, first=0.001, longest=0.001), clock=lambda: now[0])
    assert await budget.pause()
    now[0] = 5.0
    assert not await budget.pause()


async def test_a_restarted_deadline_counts_from_then() -> None:
    now = [0.0]
    budget = RetryBudget(Retries(deadline=5, first=0.001, longest=0.001), clock=lambda: now[0])
    now[0] = 4.9
    budget.restart_deadline()
    now[0] = 9.0
    assert await budget.pause()


NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None), ("٣", None),
        ("0", 0), ("120", 120), ("9" * 30, 999_999_999),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30), ("Sun, 22 Nov 2026 12:00:30 -0000", 30),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0), ("Sun, 99 Nov 2026 11:00:00 GMT", None),
    ],
)  # fmt: skip
def test_retry_after_is_a_number_of_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, NOW) == seconds
