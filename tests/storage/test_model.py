"""Two processes change one key while random steps and failures happen, and keep what callers may rely on.

A process is a separate `Bucket` over the siblings that both share. Callers are cancelled, run out of time or raise
defects; requests and replies get lost; writers are cancelled.
"""

import asyncio
import gc
import weakref
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from structlog.testing import capture_logs

from notification.domain.errors import Invalid, StoreUnavailable
from notification.storage.bucket import Bucket, Change
from siblings import FEED, Feed
from siblings.ksuid import MIN_ID, decode, encode
from tests.storage.paused_store import Call, PausedStore, Siblings, StillLoop

KEY: Final = "user"
DEADLINE: Final = 10.0
FRESH: Final = {"clear", "once"}
processes = st.integers(0, 1)
picks = st.integers(0, 50)


class StoreDefect(Exception):
    """An exception that no store is supposed to raise."""


@dataclass(eq=False)
class Caller:
    """A caller, and the state at the time of its call."""

    process: int
    kind: str
    time: float
    faults: Counter[type[Exception]]
    stored: Feed
    acknowledged: frozenset[str]
    removals: Counter[str]
    task: "asyncio.Task[None] | None" = None
    left: bool = False
    gave: Any = None
    failure: type[BaseException] | None = None

    @property
    def done(self) -> bool:
        return self.task is not None and self.task.done()


@dataclass
class Facts:
    """What has happened.

    `acknowledged`: by acknowledged id, the removals of all that were acknowledged when its create began. `removals`:
    the ids up to which removals of all remove. `removed`: the same of acknowledged removals. `gone`: ids that must not
    come back.
    """

    acknowledged: dict[str, Counter[str]] = field(default_factory=dict)
    removals: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    gone: set[str] = field(default_factory=set)
    stale: list[Caller] = field(default_factory=list)


def living(feed: Feed) -> set[str]:
    return {id_ for id_, _ in feed.live()}


class TwoProcesses(RuleBasedStateMachine):
    @initialize(kept=st.sampled_from([1, 3]), if_unchanged=st.booleans(), warm=st.booleans())
    def begin(self, kept: int, if_unchanged: bool, warm: bool) -> None:
        gc.freeze()  # so that the garbage collector examines only this run's objects
        self.loop = StillLoop()
        self.open = ExitStack()
        self.lines = self.open.enter_context(capture_logs())  # printing the traceback of each defect takes too long
        self.siblings = Siblings()
        self.stores = [PausedStore(self.siblings, kept, conditional_put=if_unchanged) for _ in range(2)]
        self.buckets = [Bucket(f"feeds of {number}", FEED, self.stores[number], deadline=DEADLINE) for number in (0, 1)]
        self.facts = Facts()
        self.made = 0
        self.faults = [Counter[type[Exception]](), Counter[type[Exception]]()]
        self.callers: list[Caller] = []
        self.changes: weakref.WeakSet[Callable[..., Any]] = weakref.WeakSet()
        for process in (0, 1) if warm else ():
            self.ask(process, "create")
            self.serve(process)

    # Calls

    @rule(process=processes, kind=st.sampled_from(["create", "create", "clear", "once", "defect", "refused", "read"]))
    def ask(self, process: int, kind: str) -> None:
        faults, acknowledged = Counter(self.faults[process]), frozenset(self.facts.acknowledged)
        removed = Counter(self.facts.removed)
        caller = Caller(process, kind, self.loop.time(), faults, self.truth(), acknowledged, removed)
        caller.task = self.loop.create_task(self.call(caller))
        self.callers.append(caller)
        self.loop.settle()

    async def call(self, caller: Caller) -> None:
        bucket = self.buckets[caller.process]
        try:
            if caller.kind == "read":
                caller.gave = await bucket.read(KEY)
            else:
                change = self.change(caller)
                self.changes.add(change)
                fresh, if_unchanged = caller.kind == "clear", caller.kind == "once"
                update = bucket.update(KEY, change, fresh=fresh, if_unchanged=if_unchanged)
                del change
                caller.gave = await update
        except BaseException as error:  # a cancellation too  # noqa: BLE001
            caller.failure = type(error)

    def change(self, caller: Caller) -> Change[Feed, str]:
        makes = {"create": self.create, "once": self.once, "clear": self.clear, "defect": _defect, "refused": _refused}
        make = makes[caller.kind]

        def change(feed: Feed, before: str | None) -> tuple[Feed, str]:
            if caller.kind in FRESH and FEED.merge(feed, caller.stored) is not feed:
                self.facts.stale.append(caller)
            return make(feed, before)

        return change

    def create(self, feed: Feed, before: str | None, payload: bytes = b"x") -> tuple[Feed, str]:
        """Add an id above all ids of the feed, which no other process generates."""
        self.made += 1
        id_ = (
            before if before is not None and before > feed.floor else encode(decode(feed.newest or MIN_ID) + self.made)
        )
        return Feed("", {id_: payload}), id_

    def once(self, feed: Feed, before: str | None) -> tuple[Feed, str]:
        made = [id_ for id_, payload in feed.live() if payload == b"key"]
        return (Feed(), made[-1]) if made else self.create(feed, before, b"key")

    def clear(self, feed: Feed, before: str | None) -> tuple[Feed, str]:
        upto = feed.newest if before is None else before
        self.facts.removals[upto] += before is None
        return Feed(upto), upto

    @rule(process=processes)
    def overtake(self, process: int) -> None:
        """Create a read whose reply is in flight, and older than a change that the other process has acknowledged."""
        for at in (process, 1 - process):
            self.ask(at, "create")
            self.serve(at)
        self.ask(process, "create")
        for _ in range(3):
            for call in self.stores[process].calls[:1]:
                self.stores[process].go_on(call)
                self.loop.settle()
        self.ask(1 - process, "create")
        self.serve(1 - process)

    # Outcomes

    @precondition(lambda self: self.calls())
    @rule(pick=picks, steps=st.integers(1, 3))
    def go_on(self, pick: int, steps: int) -> None:
        for _ in range(min(steps, len(self.calls()))):
            process, call = self.picked(pick)
            self.stores[process].go_on(call)
            self.loop.settle()

    @precondition(lambda self: self.calls())
    @rule(process=processes)
    def serve(self, process: int) -> None:
        """Let all calls of a process proceed until they end."""
        while calls := self.stores[process].calls:
            self.stores[process].go_on(calls[0])
            self.loop.settle()
            self.callers_get_what_they_are_promised()

    @precondition(lambda self: self.calls())
    @rule(pick=picks, failure=st.sampled_from([StoreUnavailable, StoreDefect]))
    def lose(self, pick: int, failure: type[Exception]) -> None:
        process, call = self.picked(pick)
        self.faults[process][failure] += 1
        self.stores[process].fail(call, failure("lost"))
        self.loop.settle()

    @precondition(lambda self: self.waiting())
    @rule(pick=picks)
    def leave(self, pick: int) -> None:
        caller = self.waiting()[pick % len(self.waiting())]
        caller.left = True
        assert caller.task is not None
        caller.task.cancel()
        self.loop.settle()

    @rule(seconds=st.sampled_from([0.05, 0.2, 6.0]))
    def pass_time(self, seconds: float) -> None:
        self.loop.pass_time(seconds)
        late = [one for one in self.waiting() if one.kind != "read" and self.loop.time() >= one.time + DEADLINE]
        assert not late, "a caller waits past its deadline"

    @rule(process=processes)
    def cancel_writer(self, process: int) -> None:
        writers = [task for task in asyncio.all_tasks(self.loop) if f"feeds of {process}/" in task.get_name()]
        for writer in writers:
            writer.cancel()
        self.faults[process][StoreUnavailable] += len(writers)
        self.loop.settle()
        left = [one for one in self.waiting() if one.process == process and one.kind != "read"]
        assert not left or not writers, "a cancelled writer leaves callers"

    # Invariants

    @invariant()
    def callers_get_what_they_are_promised(self) -> None:
        for caller in [one for one in getattr(self, "callers", []) if one.done]:
            self.callers.remove(caller)
            if caller.failure is None:
                self.succeeded(caller)
            else:
                assert issubclass(caller.failure, tuple(self.excuses(caller))), (
                    f"{caller.kind} fails with {caller.failure}"
                )

    @invariant()
    def a_fresh_change_is_applied_to_all_that_was_stored_when_it_was_asked_for(self) -> None:
        assert not hasattr(self, "facts") or not self.facts.stale

    @invariant()
    def what_was_acknowledged_is_there_until_it_is_removed_and_then_gone(self) -> None:
        if hasattr(self, "facts"):
            live = living(self.truth())
            for id_ in self.facts.acknowledged.keys() - live:
                concurrent = self.facts.removals - self.facts.acknowledged[id_]
                assert id_ <= max(concurrent, default=""), "an acknowledged notification is lost"
            assert not self.facts.gone & live, "a removed notification is there"

    @invariant()
    def if_the_store_puts_conditionally_a_key_has_one_notification(self) -> None:
        if hasattr(self, "facts") and self.stores[0].capabilities.conditional_put:
            assert sum(payload == b"key" for _, payload in self.truth().live()) <= 1

    @invariant()
    def nothing_is_kept_for_callers_that_are_gone(self) -> None:
        if hasattr(self, "facts"):
            self.lines.clear()  # exceptions refer to tracebacks, and these refer to changes
            if len(self.changes) > len(self.waiting()):
                gc.collect()
            assert len(self.changes) <= len(self.waiting()), "changes are kept whose callers are gone"

    def teardown(self) -> None:
        if not hasattr(self, "facts"):
            return
        try:
            self.come_to_rest()
        finally:
            self.loop.close()
            self.open.close()
            gc.unfreeze()

    def come_to_rest(self) -> None:
        """With a store that works, every caller is served without time passing; siblings are merged once it does."""
        self.drain()
        assert not self.waiting(), "callers are left in the line"
        for _ in range(100):
            for process in (0, 1):
                self.ask(process, "read")
            self.drain()
            self.loop.pass_time(0.1)
            self.drain()
            if len(self.siblings.rows) <= self.stores[0].capabilities.max_siblings:
                break
        assert len(self.siblings.rows) <= self.stores[0].capabilities.max_siblings
        for bucket in self.buckets:
            self.loop.run_until_complete(bucket.close())
        gc.collect()
        assert not self.loop.failures
        assert not asyncio.all_tasks(self.loop)

    # Observations

    def drain(self) -> None:
        while self.calls():
            for process in (0, 1):
                self.serve(process)

    def truth(self) -> Feed:
        return FEED.join(map(FEED.decode, self.siblings.rows.values()))

    def calls(self) -> list[tuple[int, Call]]:
        return [(process, call) for process, store in enumerate(getattr(self, "stores", [])) for call in store.calls]

    def picked(self, pick: int) -> tuple[int, Call]:
        calls = self.calls()
        return calls[pick % len(calls)]

    def waiting(self) -> list[Caller]:
        return [caller for caller in getattr(self, "callers", []) if not caller.done]

    def succeeded(self, caller: Caller) -> None:
        assert caller.kind not in {"defect", "refused"}
        if caller.kind in {"create", "once"}:
            self.facts.acknowledged[caller.gave] = caller.removals
        elif caller.kind == "clear":
            self.facts.removed[caller.gave] += 1
            self.facts.gone |= caller.acknowledged
        else:
            assert FEED.merge(caller.gave, caller.stored) is caller.gave, "a read misses what was stored before it"

    def excuses(self, caller: Caller) -> set[type[BaseException]]:
        """The exceptions with which a caller can fail."""
        new = self.faults[caller.process] - caller.faults
        late = self.loop.time() >= caller.time + DEADLINE
        found: dict[type[BaseException], bool] = {
            asyncio.CancelledError: caller.left,
            StoreUnavailable: bool(new[StoreUnavailable]) or late,
            StoreDefect: bool(new[StoreDefect]),
            ZeroDivisionError: caller.kind == "defect",
            Invalid: caller.kind == "refused",
        }
        return {failure for failure, excused in found.items() if excused}


def _defect(feed: Feed, before: str | None) -> tuple[Feed, str]:
    raise ZeroDivisionError


def _refused(feed: Feed, before: str | None) -> tuple[Feed, str]:
    raise Invalid("no")


TestTwoProcesses = TwoProcesses.TestCase
PHASES: Final = [Phase.reuse, Phase.generate, Phase.shrink]  # explaining a failure takes too long
TestTwoProcesses.settings = settings(max_examples=100, stateful_step_count=40, deadline=None, phases=PHASES)
