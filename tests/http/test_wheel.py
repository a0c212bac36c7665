"""The wheel of timers, and the heartbeats that run on it."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from notification.http.heartbeats import IN_A_ROW, Heartbeats
from notification.services.listener import Listener
from notification.services.wheel import SLOTS, TimerWheel, Wheel
from siblings.ksuid import encode
from tests.waiting import until

SLOW = 3600.0

steps = st.one_of(
    st.tuples(st.just("place"), st.integers(0, 5), st.integers(1, SLOTS)),
    st.tuples(st.just("remove"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("turn"), st.integers(1, SLOTS), st.just(0)),
)


@given(st.lists(steps, max_size=40))
def test_each_member_is_due_when_it_was_placed_and_then_once_in_each_turn(steps: list[tuple[str, int, int]]) -> None:
    wheel, left = Wheel[int](), dict[int, int]()
    for step, number, turns in steps:
        if step == "place":
            wheel.place(number, turns)
            left[number] = turns
        elif step == "remove":
            wheel.remove(number)
            left.pop(number, None)
        else:
            for _ in range(number):
                assert sorted(wheel.turn()) == sorted(member for member in left if left[member] == 1)
                left = {member: (turns - 1) or SLOTS for member, turns in left.items()}
        assert len(wheel) == len(left)


def is_running(wheel: TimerWheel[str]) -> bool:
    return wheel._timer is not None


async def test_the_timer_runs_only_while_there_are_members() -> None:
    due: list[str] = []
    wheel = TimerWheel[str](0.01, due.extend)
    assert not is_running(wheel)
    wheel.place("one", 1)
    wheel.place("two", SLOTS)
    await until(lambda: {"one", "two"} <= {*due})
    wheel.remove("one")
    assert is_running(wheel)
    wheel.remove("two")
    assert not is_running(wheel)
    wheel.place("three", 1)
    await until(lambda: "three" in due)
    wheel.stop()


async def test_a_silent_stream_is_woken_and_one_that_left_is_not() -> None:
    heartbeats = Heartbeats(0.01)
    staying, leaving = Listener((), encode(0)), Listener((), encode(0))
    for listener in (staying, leaving):
        assert listener.take() is None
        heartbeats.restart(listener)
    left = leaving.news()
    heartbeats.remove(leaving)
    for _ in range(3):
        await staying.news()
    assert not left.done()
    heartbeats.remove(staying)


async def test_many_heartbeats_leave_turns_to_others() -> None:
    heartbeats = Heartbeats(SLOW)
    listeners = [Listener((), encode(0)) for _ in range(3 * IN_A_ROW)]
    for listener in listeners:
        listener.take()
    news = [listener.news() for listener in listeners]
    heartbeats._enqueue(listeners[:IN_A_ROW])
    heartbeats._enqueue(listeners[IN_A_ROW:])
    assert sum(one.done() for one in news) == 2 * IN_A_ROW
    await asyncio.sleep(0)
    assert all(one.done() for one in news)
