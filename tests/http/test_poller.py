"""When the poller polls a member if the store is slow or fails, or if the member has left."""

import asyncio
import time
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from notification.services.poller import SLICE, Poller
from tests.waiting import until

SLOW = 3600.0


class SlowStore:
    """Polls that wait until the test ends them."""

    def __init__(self, concurrency: int) -> None:
        self.poller = Poller[int](self.poll, SLOW, concurrency)
        self.running: dict[int, asyncio.Future[None]] = {}
        self.begun: list[int] = []

    async def poll(self, member: int) -> None:
        assert member not in self.running, "polled twice at the same time"
        self.begun.append(member)
        self.running[member] = asyncio.get_running_loop().create_future()
        try:
            await self.running[member]
        finally:
            del self.running[member]

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


class Model:
    """What the poller should do: members due wait in order for one of `concurrency` places."""

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self.members: set[int] = set()
        self.waiting: list[int] = []
        self.running: set[int] = set()

    def due(self, members: list[int]) -> None:
        self.waiting += [one for one in members if one not in self.waiting and one not in self.running]
        self.start()

    def start(self) -> None:
        while self.waiting and len(self.running) < self.concurrency:
            self.running.add(self.waiting.pop(0))


steps = st.one_of(
    st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 7)),
    st.tuples(st.just("turn"), st.integers(0, 255)),
    st.tuples(st.sampled_from(["ends", "fails"]), st.integers(0, 7)),
)


@settings(max_examples=150)
@given(concurrency=st.integers(1, 3), steps=st.lists(steps, max_size=40))
def test_the_poller_does_what_the_model_does(concurrency: int, steps: list[tuple[str, int]]) -> None:
    asyncio.run(play(concurrency, steps))


async def play(concurrency: int, steps: list[tuple[str, int]]) -> None:
    store, model = SlowStore(concurrency), Model(concurrency)
    with capture_logs():
        for step, number in steps:
            act(store, model, step, number)
            await store.settle()
            assert store.running.keys() == model.running
            assert [*store.poller._due] == model.waiting
            assert len(store.poller) == len(model.members)
            assert len(store.poller._tasks) == len(model.running)
    store.poller.stop()
    await store.settle()
    assert (store.running, store.poller._tasks) == ({}, set())


def act(store: SlowStore, model: Model, step: str, number: int) -> None:
    match step:
        case "add":
            store.poller.add(number)
            model.members.add(number)
        case "remove":
            store.poller.remove(number)
            model.members.discard(number)
            model.waiting = [one for one in model.waiting if one != number]
        case "turn":
            due = [member for member in sorted(model.members) if number >> member & 1]
            store.poller._enqueue(due)
            model.due(due)
        case "ends" | "fails" if number in model.running:
            future = store.running[number]
            future.set_result(None) if step == "ends" else future.set_exception(RuntimeError("a defect"))
            model.running.discard(number)
            model.start()


async def test_every_member_is_polled_though_one_never_gets_an_answer() -> None:
    polls = Counter[int]()

    async def poll(member: int) -> None:
        polls[member] += 1
        if member == 0:
            await asyncio.get_running_loop().create_future()

    poller = Poller[int](poll, 0.01, concurrency=2)
    for member in range(20):
        poller.add(member)
    await until(lambda: len(polls) == 20 and all(polls[member] >= 3 for member in range(1, 20)))
    assert polls[0] == 1
    poller.stop()


async def test_a_defect_is_logged_and_the_member_is_polled_again() -> None:
    polls = Counter[int]()

    async def poll(member: int) -> None:
        polls[member] += 1
        raise RuntimeError("a defect")

    poller = Poller[int](poll, 0.01, concurrency=1)
    with capture_logs() as logs:
        poller.add(1)
        await until(lambda: polls[1] == 3)
    poller.stop()
    assert {(line["event"], line["task"]) for line in logs} == {("defect", "poll feeds")}


async def test_polls_that_never_wait_leave_turns_to_others() -> None:
    polled: list[int] = []

    async def poll(member: int) -> None:
        time.sleep(SLICE)  # noqa: ASYNC251  # a poll that computes for long
        polled.append(member)

    poller = Poller[int](poll, SLOW, concurrency=1)
    poller._enqueue([*range(5)])
    for number in range(5):
        assert len(polled) == number
        await asyncio.sleep(0)
    assert polled == [*range(5)]
    await until(lambda: not poller._tasks)


async def test_polls_that_take_no_time_share_a_turn() -> None:
    polled: list[int] = []

    async def poll(member: int) -> None:
        polled.append(member)

    poller = Poller[int](poll, SLOW, concurrency=1)
    poller._enqueue([*range(10_000)])
    turns = 0
    while len(polled) < 10_000:
        await asyncio.sleep(0)
        turns += 1
    assert turns < 5_000
    await until(lambda: not poller._tasks)
