"""How the rules are loaded: once for all who wait, and so that what was made by them can be kept."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from notification.domain.drafts import Draft
from notification.domain.errors import StoreUnavailable
from notification.domain.model import Rule
from notification.services.cursor_names import CursorNames
from notification.services.cursors import Cursors
from notification.services.ids import IdGenerator
from notification.services.inbox import Inbox
from notification.services.live import Hub
from notification.services.rules import RulesService
from notification.storage.bucket import Bucket
from notification.storage.embedded.store import EmbeddedStore
from notification.storage.store import Context, Fetched
from siblings import CURSOR, CURSOR_NAMES, FEED, RULE_MAP
from tests.waiting import until
from tests.watched_store import WatchedStore

TIMEOUT = 0.02
DRAFT = Draft(category="like", message="Ada liked your post")


class SlowStore(WatchedStore):
    """Fetches take a turn of the event loop, wait while `closed`, and are counted by bucket; `fail` of them fail."""

    def __init__(self, folder: Path) -> None:
        super().__init__(EmbeddedStore(folder / "feeds.db"))
        self.capabilities = replace(self.capabilities, reads_synchronously=False)
        self.fetches: Counter[str] = Counter()
        self.ready = asyncio.Event()
        self.ready.set()
        self.fail = 0

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        self.fetches[bucket] += 1
        found = await super().fetch(bucket, key, unless)
        await asyncio.sleep(0)
        await self.ready.wait()
        if self.fail:
            self.fail -= 1
            raise StoreUnavailable("the reply was lost")
        return found


class Process:
    """The use cases over a store, as one process has them."""

    def __init__(self, store: SlowStore, timeout: float = 60) -> None:
        feeds, cursors = Bucket("notifications", FEED, store), Bucket("cursors", CURSOR, store)
        id_generator = IdGenerator()
        self.ruleset = RulesService(Bucket("rules", RULE_MAP, store), {}, timeout, id_generator)
        names = CursorNames(Bucket("cursor_names", CURSOR_NAMES, store), id_generator)
        self.inbox = Inbox(feeds, Cursors(cursors, names), self.ruleset, id_generator)
        self.hub = Hub(self.inbox, feeds, cursors, TIMEOUT)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SlowStore]:
    store = SlowStore(tmp_path)
    yield store
    await store.close()


async def test_five_hundred_first_requests_make_one_fetch_of_the_rules(store: SlowStore) -> None:
    process = Process(store)
    await asyncio.gather(*(process.inbox.count(f"user-{number}") for number in range(500)))
    assert store.fetches["rules"] == 1
    assert store.fetches["notifications"] == 500


async def test_a_first_waiter_who_leaves_does_not_end_the_load_for_others(store: SlowStore) -> None:
    ruleset = Process(store).ruleset
    store.ready.clear()
    waiters = [asyncio.create_task(ruleset.current()) for _ in range(3)]
    await until(lambda: store.fetches["rules"] == 1)
    waiters[0].cancel()
    store.ready.set()
    assert await asyncio.gather(*waiters[1:]) == [{}, {}]
    assert waiters[0].cancelled()
    assert store.fetches["rules"] == 1


async def test_a_load_that_fails_fails_for_all_who_wait_and_is_not_kept(store: SlowStore) -> None:
    ruleset = Process(store).ruleset
    store.fail = 1
    outcomes = await asyncio.gather(*(ruleset.current() for _ in range(5)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreUnavailable}
    assert await ruleset.current() == {}
    assert store.fetches["rules"] == 2


async def test_a_load_that_nobody_waits_for_any_more_may_fail(store: SlowStore) -> None:
    ruleset = Process(store).ruleset
    store.ready.clear()
    waiter = asyncio.create_task(ruleset.current())
    await until(lambda: store.fetches["rules"] == 1)
    waiter.cancel()
    store.fail = 1
    store.ready.set()
    await until(lambda: not store.fail)
    assert waiter.cancelled()
    assert await ruleset.current() == {}


async def test_closing_ends_a_load(store: SlowStore) -> None:
    ruleset = Process(store).ruleset
    store.ready.clear()
    waiter = asyncio.create_task(ruleset.current())
    await until(lambda: store.fetches["rules"] == 1)
    await ruleset.close()
    await asyncio.wait([waiter])
    assert waiter.cancelled()


async def test_a_load_that_began_before_a_change_does_not_hide_it(store: SlowStore) -> None:
    ruleset = Process(store).ruleset
    store.ready.clear()
    early = asyncio.create_task(ruleset.current())
    await until(lambda: store.fetches["rules"] == 1)
    change = asyncio.create_task(ruleset.put("like", Rule(3)))
    await until(lambda: store.fetches["rules"] == 2)
    store.ready.set()
    await asyncio.gather(early, change)
    assert await ruleset.current() == {"like": Rule(3)}


async def test_a_reload_that_brings_nothing_new_keeps_the_very_mapping(store: SlowStore) -> None:
    here, there = Process(store, timeout=0), Process(store)
    await there.ruleset.put("like", Rule(3))
    before = await here.ruleset.current()
    assert before == {"like": Rule(3)}
    await there.ruleset.put("like", Rule(3))
    assert await here.ruleset.current() is before
    await there.ruleset.put("like", Rule(4))
    assert await here.ruleset.current() == {"like": Rule(4)}


async def test_a_view_outlives_reloads_and_rules_for_categories_that_it_does_not_hold(store: SlowStore) -> None:
    process = Process(store, timeout=0)
    await process.inbox.creation.create("ada", DRAFT)
    before = await process.inbox.view("ada")
    assert await process.inbox.view("ada") is before
    await process.ruleset.put("comment", Rule(3))
    assert await process.inbox.view("ada") is before
    await process.ruleset.put("like", Rule(3))
    assert await process.inbox.view("ada") is not before


async def test_idle_watched_feeds_are_not_counted_anew_when_the_rules_are_loaded(store: SlowStore) -> None:
    process = Process(store, timeout=0)
    await process.ruleset.put("comment", Rule(3))
    async with AsyncExitStack() as stack:
        for number in range(20):
            await process.inbox.creation.create(f"user-{number}", DRAFT)
            await stack.enter_async_context(process.hub.listen(f"user-{number}"))
        counted = [topic.watched.counts for topic in process.hub._topics.values()]
        loads = store.fetches["rules"]
        await until(lambda: store.fetches["rules"] >= loads + 40)
        after = [topic.watched.counts for topic in process.hub._topics.values()]
    assert all(one is other for one, other in zip(counted, after, strict=True))
