"""Cancelled callers, defects, cancelled writers and stores that hang affect no more callers than necessary."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from traceback import format_exception
from typing import Any

import pytest
from structlog.testing import capture_logs

from notification.domain.errors import StoreUnavailable, Unstorable
from notification.storage.bucket import Bucket, Change
from siblings import FEED, Feed
from siblings.ksuid import NO_ID, encode
from tests.storage.paused_store import PausedStore, Siblings
from tests.waiting import until


def add(number: int, payload: Any = b"x") -> Change[Feed, str]:
    return lambda feed, _: (Feed(NO_ID, {encode(number): payload}), encode(number))


def clear(feed: Feed, before: str | None) -> tuple[Feed, str]:
    upto = feed.newest if before is None else before
    return Feed(upto), upto


def defective(feed: Feed, before: str | None) -> tuple[Feed, str]:
    raise ZeroDivisionError


class Process:
    """A bucket over siblings that another process shares."""

    def __init__(self, siblings: Siblings, deadline: float = 10.0, max_siblings: int = 1) -> None:
        self.store = PausedStore(siblings, max_siblings)
        self.bucket = Bucket("feeds", FEED, self.store, deadline=deadline)

    def ask(self, change: Change[Feed, Any], *, fresh: bool = False) -> "asyncio.Task[Any]":
        return asyncio.ensure_future(self.bucket.update("user", change, fresh=fresh))

    async def step(self, steps: int = 1) -> None:
        """Let the call in progress take steps: first its request arrives, then its reply."""
        for _ in range(steps):
            await until(lambda: bool(self.store.calls))
            call = self.store.calls[0]
            gate = call.gate
            self.store.go_on(call)
            await until(lambda call=call, gate=gate: call not in self.store.calls or call.gate is not gate)  # type: ignore[misc]

    async def serve(self, *tasks: "asyncio.Future[Any]") -> list[Any]:
        """Let all calls proceed until these are done, and return their outcomes."""

        def go_on() -> bool:
            for call in list(self.store.calls):
                if call.abandoned or not call.gate.done():
                    self.store.go_on(call)
            return all(task.done() for task in tasks)

        await until(go_on)
        return await asyncio.gather(*tasks, return_exceptions=True)

    async def read(self) -> Feed:
        (feed,) = await self.serve(asyncio.ensure_future(self.bucket.read("user")))
        assert isinstance(feed, Feed)
        return feed

    async def close(self) -> None:
        await self.serve(asyncio.ensure_future(self.bucket.close()))


Open = Callable[..., Process]


@pytest.fixture
async def open_() -> AsyncIterator[Open]:
    siblings, opened = Siblings(), list[Process]()

    def open_process(**options: Any) -> Process:
        opened.append(Process(siblings, **options))
        return opened[-1]

    yield open_process
    for process in opened:
        await process.close()


async def met_siblings(one: Process, other: Process) -> "asyncio.Task[Any]":
    """Start a change of `one` whose put has found siblings, and whose fetch of these siblings has a reply in flight."""
    await one.serve(one.ask(add(1)))
    await other.serve(other.ask(add(2)))
    changing = one.ask(add(3))
    await one.step(3)
    assert one.store.calls[0].replying
    return changing


async def test_a_fresh_change_gets_a_read_that_began_after_it_was_asked_for(open_: Open) -> None:
    one, other = open_(), open_()
    changing = await met_siblings(one, other)
    assert await other.serve(other.ask(add(4))) == [encode(4)]
    await one.serve(changing, one.ask(clear, fresh=True))
    assert (await other.read()).slots == {}


async def test_a_change_that_need_not_be_fresh_is_applied_to_what_was_just_read(open_: Open) -> None:
    one, other = open_(), open_()
    changing = await met_siblings(one, other)
    following = one.ask(add(5))
    await one.step()
    await until(lambda: bool(one.store.calls))
    assert await asyncio.wait_for(changing, 10) == encode(3)
    puts = [call for call in one.store.calls if not call.replying]
    await one.step(2)
    assert await asyncio.wait_for(following, 10) == encode(5)
    assert len(puts) == 1
    assert list((await other.read()).slots) == [encode(number) for number in (1, 2, 3, 5)]


@pytest.mark.parametrize("how", ["cancelled", "out of time"])
async def test_while_a_put_hangs_changes_whose_callers_left_are_let_go_of(open_: Open, how: str) -> None:
    process = open_(deadline=60.0 if how == "cancelled" else 0.05)
    kept: weakref.WeakSet[Any] = weakref.WeakSet()

    async def ask(number: int) -> None:
        change = add(number)
        kept.add(change)
        with suppress(StoreUnavailable, asyncio.CancelledError):
            await process.bucket.update("user", change)

    for _ in range(5):
        callers = [asyncio.ensure_future(ask(number)) for number in range(1, 1001)]
        await until(lambda: bool(process.store.calls))
        for caller in callers if how == "cancelled" else ():
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        del callers
        gc.collect()
        assert len(kept) == 0
    assert len(process.store.calls) == 1


async def test_a_defect_in_one_change_fails_its_caller_alone(open_: Open) -> None:
    process = open_()
    outcomes = await process.serve(*(process.ask(change) for change in (add(1), defective, add(2), defective, add(3))))
    assert [type(outcome) for outcome in outcomes] == [str, ZeroDivisionError, str, ZeroDivisionError, str]
    assert len((await process.read()).slots) == 3


async def test_what_can_not_be_encoded_fails_its_caller_alone_and_is_logged_with_its_trace(open_: Open) -> None:
    process = open_()
    with capture_logs() as lines:
        outcomes = await process.serve(*(process.ask(change) for change in (add(1), add(2, object()), add(3))))
    assert [type(outcome) for outcome in outcomes] == [str, Unstorable, str]
    assert list((await process.read()).slots) == [encode(1), encode(3)]
    assert "siblings/codec.py" in "".join(format_exception(outcomes[1]))
    assert {type(line["exc_info"]) for line in lines} == {Unstorable}
    assert (lines[0]["bucket"], lines[0]["key"]) == ("feeds", "user")


async def test_finding_the_one_defect_of_many_changes_takes_few_puts(open_: Open) -> None:
    process = open_()
    changes = [add(number) for number in range(1, 1001)]
    changes[700] = defective
    outcomes = await process.serve(*map(process.ask, changes))
    assert [number for number, outcome in enumerate(outcomes) if not isinstance(outcome, str)] == [700]
    assert process.store.puts <= 2 * 10


async def test_a_defect_of_the_store_leaves_those_who_come_after(open_: Open) -> None:
    process = open_()
    first = process.ask(add(1))
    await process.step(2)
    await until(lambda: bool(process.store.calls))
    following = process.ask(add(2))
    await asyncio.sleep(0)
    process.store.fail(process.store.calls[0], RuntimeError("a defect"))
    outcomes = await process.serve(first, following)
    assert [type(outcome) for outcome in outcomes] == [RuntimeError, str]


def writers() -> "list[asyncio.Task[Any]]":
    return [task for task in asyncio.all_tasks() if task.get_name() == "write feeds/user"]


@pytest.mark.parametrize("begun", [True, False])
async def test_a_writer_that_is_cancelled_fails_its_callers_at_once(open_: Open, begun: bool) -> None:
    process = open_(deadline=3600.0)
    callers = [process.ask(add(1))]
    await until(lambda: bool(process.store.calls if begun else writers()))
    callers += [process.ask(add(2))]
    await asyncio.sleep(0)
    (writer,) = writers()
    writer.cancel()
    outcomes = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 10)
    assert all(isinstance(outcome, StoreUnavailable) for outcome in outcomes)
    assert len(outcomes) == 2
    assert await process.serve(process.ask(add(3))) == [encode(3)]


async def test_closing_while_a_put_hangs_takes_as_long_as_a_change_may(open_: Open) -> None:
    process = open_(deadline=0.1)
    changing = process.ask(add(1))
    await until(lambda: bool(process.store.calls))
    await asyncio.wait_for(process.bucket.close(), 10)
    assert isinstance((await asyncio.gather(changing, return_exceptions=True))[0], StoreUnavailable)
    assert writers() == []


async def test_closing_that_is_cancelled_leaves_no_writer_and_no_caller(open_: Open) -> None:
    process = open_(deadline=3600.0)
    changing = process.ask(add(1))
    await until(lambda: bool(process.store.calls))
    closing = asyncio.ensure_future(process.bucket.close())
    await asyncio.sleep(0)
    closing.cancel()
    outcomes = await asyncio.wait_for(asyncio.gather(closing, changing, return_exceptions=True), 10)
    cancelled, failed = outcomes
    assert isinstance(cancelled, asyncio.CancelledError)
    assert isinstance(failed, StoreUnavailable)
    assert writers() == []


async def test_siblings_met_by_a_put_whose_callers_left_are_merged_all_the_same(open_: Open) -> None:
    one, other = open_(), open_()
    await one.serve(one.ask(add(1)))
    await other.serve(other.ask(add(2)))
    leaving = one.ask(add(3))
    await one.step()
    leaving.cancel()
    await one.serve(leaving)

    def is_one() -> bool:
        for call in one.store.calls:
            if not call.gate.done():
                one.store.go_on(call)
        return len(one.store.siblings.rows) == 1

    await until(is_one)
    assert list((await other.read()).slots) == [encode(1), encode(2), encode(3)]


async def test_a_read_that_fails_after_a_put_met_siblings_loses_nothing(open_: Open) -> None:
    one, other = open_(), open_()
    await one.serve(one.ask(add(1)))
    await other.serve(other.ask(add(2)))
    changing = one.ask(add(3))
    await one.step(2)
    await until(lambda: bool(one.store.calls))
    one.store.fail(one.store.calls[0], StoreUnavailable("lost"))
    assert isinstance((await one.serve(changing))[0], StoreUnavailable)
    await one.serve(one.ask(add(4)))
    assert list((await other.read()).slots) == [encode(number) for number in (1, 2, 3, 4)]


async def test_what_is_read_while_it_is_deleted_is_not_taken_for_stored_afterwards(open_: Open) -> None:
    process = open_()
    await process.serve(process.ask(add(1)))
    deleting = asyncio.ensure_future(process.bucket.delete("user"))
    await process.step(2)
    await until(lambda: bool(process.store.calls))
    reading = asyncio.ensure_future(process.bucket.read("user"))
    await until(lambda: len(process.store.calls) == 2)
    process.store.calls.reverse()
    await process.step(2)
    assert list((await reading).slots) == [encode(1)]
    await process.serve(deleting)
    await process.serve(process.ask(add(1)))
    assert list((await process.read()).slots) == [encode(1)]


async def test_a_deletion_that_is_cancelled_leaves_nothing_cached(open_: Open) -> None:
    process = open_()
    await process.serve(process.ask(add(1)))
    deleting = asyncio.ensure_future(process.bucket.delete("user"))
    await process.step(2)
    await until(lambda: bool(process.store.calls))
    deleting.cancel()
    await process.serve(deleting)  # its caller has given up, but the call still has its effect
    await process.serve(process.ask(add(1)))
    assert list((await process.read()).slots) == [encode(1)]
