"""Creates under one key through three processes whose clocks differ, over a store that keeps siblings.

Hypothesis picks every interleaving: each step of each get and put, withdrawals, replies, processes that are killed at
any moment, and the passing of virtual time.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from notification.domain.drafts import Draft
from notification.domain.idempotency import idempotency, made_under
from notification.domain.model import Notification
from notification.services.cursor_names import CursorNames
from notification.services.cursors import Cursors
from notification.services.ids import IdGenerator
from notification.services.inbox import Inbox
from notification.services.rules import RulesService
from notification.storage.bucket import Bucket
from siblings import CURSOR, CURSOR_NAMES, FEED, RULE_MAP, Feed
from tests.storage.paused_store import Call, PausedStore, Siblings, StillLoop

USER: Final = "ada"
DRAFT: Final = Draft(category="like", message="hello", properties={})
HASHES: Final = idempotency("key", DRAFT.category, DRAFT.message, DRAFT.properties)
SKEW: Final = (0, 4_000_000_000, -4_000_000_000)
"""Nanoseconds by which each process's clock is ahead."""
LATENCY: Final = 0.1
"""Seconds that a call takes at most, where replies are promised to be the same."""
processes = st.integers(0, 2)


@dataclass(eq=False)
class Process:
    """A process, and the creates that its clients wait for."""

    number: int
    store: PausedStore
    feeds: Bucket[Feed]
    inbox: Inbox
    creates: list["asyncio.Task[str]"]


class OneKey(RuleBasedStateMachine):
    """`strict`: no process is killed, and no call takes longer than `LATENCY`."""

    strict = True

    @initialize()
    def begin(self) -> None:
        self.loop = StillLoop()
        self.siblings, self.empty = Siblings(), Siblings()
        self.named: list[str] = []
        self.since: dict[Call, float] = {}
        self.orphans: list[tuple[PausedStore, Call]] = []
        self.idle: list[PausedStore] = []
        self.running = [self.started(number) for number in range(3)]

    def started(self, number: int) -> Process:
        store = PausedStore(self.siblings)
        idle = PausedStore(self.empty)
        id_generator = IdGenerator(lambda: 1_800_000_000_000_000_000 + SKEW[number] + int(self.loop.time() * 1e9))
        feeds = Bucket(f"feeds of {number}", FEED, store, deadline=1000)
        names = CursorNames(Bucket("cursor_names", CURSOR_NAMES, idle), id_generator)
        cursors, rules = Cursors(Bucket("cursors", CURSOR, idle), names), Bucket("rules", RULE_MAP, idle)
        self.idle.append(idle)
        return Process(
            number,
            store,
            feeds,
            Inbox(feeds, cursors, RulesService(rules, {}, 10, id_generator), id_generator),
            [],
        )

    @rule(number=processes)
    def ask(self, number: int) -> None:
        process = self.running[number]
        process.creates.append(self.loop.create_task(self.created(process)))
        self.settle()

    async def created(self, process: Process) -> str:
        return (await process.inbox.creation.create(USER, DRAFT, "key")).notification.id

    @precondition(lambda self: self.calls())
    @rule(pick=st.integers(0, 50), steps=st.integers(1, 3))
    def go_on(self, pick: int, steps: int) -> None:
        for _ in range(min(steps, len(self.calls()))):
            calls = self.calls()
            self.take(*calls[pick % len(calls)])

    @rule(seconds=st.sampled_from([0.02, 0.05, 0.2, 1.1]))
    def pass_time(self, seconds: float) -> None:
        left = seconds
        while left > 1e-9:
            step = min(left, 0.05) if self.strict else left
            for store, call in self.calls() if self.strict else ():
                if self.loop.time() + step - self.since[call] > LATENCY:
                    self.take(store, call)
            self.loop.pass_time(step)
            self.settle()
            left -= step

    def take(self, store: PausedStore, call: Call) -> None:
        if call in store.calls:
            self.since[call] = self.loop.time()
            store.go_on(call)
            self.settle()

    def settle(self) -> None:
        self.loop.settle()
        for _, call in self.calls():
            self.since.setdefault(call, self.loop.time())
        for process in self.running:
            for task in [one for one in process.creates if one.done()]:
                process.creates.remove(task)
                self.named.append(task.result())
        if self.strict:
            assert len(set(self.named)) <= 1, "one key has been answered with two ids"

    def calls(self) -> list[tuple[PausedStore, Call]]:
        running = [process.store for process in getattr(self, "running", [])]
        stores = dict.fromkeys([*running, *(store for store, _ in getattr(self, "orphans", []))])
        return [(store, call) for store in stores for call in store.calls]

    def live(self) -> list[Notification]:
        return made_under(FEED.join(map(FEED.decode, self.siblings.rows.values())), HASHES.key)

    def run(self, seconds: float) -> None:
        """With a store that answers promptly."""
        for _ in range(round(seconds / 0.05)):
            while calls := [*self.calls(), *((store, call) for store in self.idle for call in store.calls)]:
                self.take(*calls[0])
            self.loop.pass_time(0.05)
            self.settle()

    def teardown(self) -> None:
        if hasattr(self, "running"):
            try:
                self.come_to_rest()
            finally:
                self.end()

    def come_to_rest(self) -> None:
        """Every create is answered; then all processes name the one notification that is left."""
        self.run(12)
        assert not any(process.creates for process in self.running), "a create is blocked"
        told = set(self.named)
        for process in self.running:
            self.ask(process.number)
        self.run(6)
        assert not any(process.creates for process in self.running), "a create is blocked"
        kept = {one.id for one in self.live()[:1]}
        assert set(self.named[-3:]) == kept
        assert not self.strict or told <= kept, "the notification that was named is gone"
        self.clean()
        assert len(self.live()) == 1, "a repeat is left"

    def clean(self) -> None:
        """Readers remove what does not count, once they have known it for long enough."""
        for _ in range(3):
            reads = [self.loop.create_task(self.viewed(process)) for process in self.running[:1]]
            self.run(4)
            assert all(read.done() and read.result() for read in reads)

    async def viewed(self, process: Process) -> bool:
        return (await process.inbox.view(USER)).exists

    def end(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.settle()
        self.loop.close()


class OneKeyAndDeaths(OneKey):
    """Processes are killed, also between a put and its withdrawal, and calls take as long as they like."""

    strict = False

    @rule(number=processes)
    def kill(self, number: int) -> None:
        """Its requests under way may still have their effect. Another process takes its place, and knows nothing."""
        dead = self.running[number]
        for task in dead.creates:
            task.cancel()
        for writer in [one for one in asyncio.all_tasks(self.loop) if f"feeds of {number}/" in one.get_name()]:
            writer.cancel()
        self.loop.settle()
        self.orphans += [(dead.store, call) for call in dead.store.calls]
        self.running[number] = self.started(number)


TestOneKey = OneKey.TestCase
TestOneKey.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestOneKeyAndDeaths = OneKeyAndDeaths.TestCase
TestOneKeyAndDeaths.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
