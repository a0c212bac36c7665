"""What is seen and unseen, through inboxes that know nothing of each other, as in several processes on one store."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notification.domain.drafts import Draft
from notification.domain.errors import NotFound
from notification.domain.ranges import Range
from notification.domain.timeline import Counts
from notification.services.cursor_names import CursorNames
from notification.services.cursors import Cursors
from notification.services.ids import IdGenerator
from notification.services.inbox import Inbox
from notification.services.rules import RulesService
from notification.storage.bucket import Bucket
from notification.storage.embedded.store import EmbeddedStore
from siblings import CURSOR, CURSOR_NAMES, FEED, RULE_MAP
from tests.watched_store import WatchedStore

DRAFT = Draft(category="like", message="Ada liked your post")
PROCESSES = st.integers(0, 1)
STEPS = st.lists(
    st.tuples(PROCESSES, st.sampled_from(["create", "look", "peek", "remove", "clear", "move"])), max_size=14
)


@asynccontextmanager
async def open_store(folder: Path) -> AsyncIterator[WatchedStore]:
    store = WatchedStore(EmbeddedStore(folder / "feeds.db"))
    yield store
    await store.close()


def open_inbox(store: WatchedStore) -> Inbox:
    id_generator = IdGenerator()
    rules = RulesService(Bucket("rules", RULE_MAP, store), {}, 60, id_generator)
    names = CursorNames(Bucket("cursor_names", CURSOR_NAMES, store), id_generator)
    cursors = Cursors(Bucket("cursors", CURSOR, store), names)
    return Inbox(Bucket("notifications", FEED, store), cursors, rules, id_generator)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[WatchedStore]:
    async with open_store(tmp_path) as opened:
        yield opened


async def test_where_all_was_seen_reading_asks_for_the_feed_alone(store: WatchedStore) -> None:
    inbox = open_inbox(store)
    await inbox.creation.create("ada", DRAFT)
    await look(inbox)
    await look(inbox)
    asked = store.asked["fetch"]
    await look(inbox)
    assert store.asked["fetch"] == asked + 1


async def test_where_something_is_unseen_another_process_may_have_shown_it(store: WatchedStore) -> None:
    here, there = open_inbox(store), open_inbox(store)
    await here.creation.create("ada", DRAFT)
    assert (await here.count("ada")).unseen == 1
    await look(there)
    assert (await here.count("ada")).unseen == 0


async def test_what_another_process_made_and_showed_is_seen_here(store: WatchedStore) -> None:
    here, there = open_inbox(store), open_inbox(store)
    await here.creation.create("ada", DRAFT)
    await look(here)
    await there.creation.create("ada", DRAFT)
    await look(there)
    assert (await here.count("ada")).unseen == 0


@settings(max_examples=40)
@given(STEPS)
def test_every_process_knows_what_one_does_that_asks_for_all(steps: list[tuple[int, str]]) -> None:
    asyncio.run(play(steps))


async def play(steps: list[tuple[int, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(Path(folder)) as store:
            inboxes = [open_inbox(store), open_inbox(store)]
            for process, step in steps:
                await do(inboxes[process], step)
                fresh = await open_inbox(store).count("ada")
                assert await counts(inboxes) == [fresh, fresh]


async def do(inbox: Inbox, step: str) -> None:
    match step:
        case "create":
            await inbox.creation.create("ada", DRAFT)
        case "look":
            await look(inbox)
        case "peek":
            await inbox.count("ada")
        case "remove":
            await inbox.remove("ada", list((await inbox.read("ada"))[0].slots)[-1:])
        case "clear":
            await inbox.remove_all("ada")
        case "move":
            await inbox.move_cursor("ada", "notifications", (await inbox.read("ada"))[0].newest)


async def look(inbox: Inbox) -> None:
    with suppress(NotFound):
        await inbox.page("ada", Range(), mark_seen=True)


async def counts(inboxes: list[Inbox]) -> list[Counts]:
    return [await inbox.count("ada") for inbox in inboxes]
