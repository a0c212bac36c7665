"""Many deadlines, one timer."""

import asyncio

from notification.storage.deadlines import Deadline, Deadlines
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
        deadlines.meet(met)
    await until(lambda: len(expired) == 2)
    assert expired == [1, 3]


async def test_it_goes_on_after_a_pause() -> None:
    expired: list[int] = []
    deadlines = Deadlines(0.01, expired.append)
    for number in range(2):
        deadlines.set(number)
        await until(lambda: len(expired) == number + 1)  # noqa: B023  # awaited in its own round
    assert expired == [0, 1]


async def test_what_is_met_is_let_go_of_behind_an_older_one_that_is_open() -> None:
    deadlines: Deadlines[int] = Deadlines(60, lambda _: None)
    deadlines.set(-1)
    for number in range(1000):
        deadlines.meet(deadlines.set(number))
    assert len(deadlines) == 1


async def test_a_deadline_that_expired_may_be_met_afterwards() -> None:
    expired: list[int] = []
    deadlines = Deadlines(0.01, expired.append)
    late = deadlines.set(1)
    await until(lambda: expired == [1])
    deadlines.meet(late)
    assert len(deadlines) == 0


async def test_what_is_met_while_others_expire_does_not() -> None:
    set_: list[Deadline[int]] = []
    expired: list[int] = []

    def expire(number: int) -> None:
        expired.append(number)
        deadlines.meet(set_[1])

    deadlines = Deadlines(0.01, expire)
    set_ += [deadlines.set(number) for number in range(3)]
    await until(lambda: len(expired) == 2)
    assert expired == [0, 2]
