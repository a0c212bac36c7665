"""Many deadlines, one timer."""

import asyncio

from notification.overdue import Deadlines
from tests.waiting import until


async def test_what_is_not_done_in_time_expires_in_the_order_it_was_set() -> None:
    expired: list[int] = []
    deadlines = Deadlines(0.02, expired.append)
    for number in range(3):
        deadlines.set(number)
    await until(lambda: len(expired) == 3)
    assert expired == [0, 1, 2]


async def test_nothing_expires_before_its_time() -> None:
    loop = asyncio.get_running_loop()
    expired: list[float] = []
    deadlines: Deadlines[float] = Deadlines(0.05, lambda began: expired.append(loop.time() - began))
    deadlines.set(loop.time())
    await asyncio.sleep(0.02)
    deadlines.set(loop.time())
    await until(lambda: len(expired) == 2)
    assert min(expired) >= 0.049


async def test_what_was_met_does_not_expire() -> None:
    expired: list[int] = []
    deadlines = Deadlines(0.01, expired.append)
    set_ = [deadlines.set(number) for number in range(4)]
    for met in (set_[0], set_[2]):
        met.met = True
    await until(lambda: len(expired) == 2)
    assert expired == [1, 3]


async def test_it_goes_on_after_a_pause() -> None:
    expired: list[int] = []
    deadlines = Deadlines(0.01, expired.append)
    for number in range(2):
        deadlines.set(number)
        await until(lambda: len(expired) == number + 1)  # noqa: B023  # awaited in its own round
    assert expired == [0, 1]


async def test_many_that_are_met_leave_nothing_behind() -> None:
    deadlines: Deadlines[int] = Deadlines(60, lambda _: None)
    for number in range(100_000):
        deadlines.set(number).met = True
    assert len(deadlines) == 1
