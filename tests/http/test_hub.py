"""The hub: what it keeps of listeners that join and leave, and that its errors do not reach acknowledged puts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from notification.domain.drafts import Draft
from notification.domain.errors import StoreUnavailable
from notification.domain.events import Arrived, Counted, Reset
from notification.domain.model import Rule
from notification.domain.timeline import NOTHING, Counts
from notification.runtime.app import make_buckets
from notification.runtime.config import Config
from notification.services import live
from notification.services.cursor_names import CursorNames
from notification.services.cursors import Cursors, cursor_key
from notification.services.ids import IdGenerator
from notification.services.inbox import Inbox
from notification.services.listener import MAX_QUEUE, Listener
from notification.services.live import Hub
from notification.services.rules import RulesService
from notification.services.topic import Topic
from notification.storage.embedded.store import EmbeddedStore
from notification.storage.store import Context, Fetched, Store
from siblings import Cursor, Feed
from siblings.ksuid import NO_ID, encode
from tests.waiting import until
from tests.watched_store import WatchedStore

SLOW = 3600.0


class ReluctantStore(WatchedStore):
    """Fetches wait while `readable` is cleared, and fail while `fails` is set."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.readable = asyncio.Event()
        self.readable.set()
        self.fails = False

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        await self.readable.wait()
        if self.fails:
            raise StoreUnavailable("no answer")
        return await super().fetch(bucket, key, unless)


class Watching:
    """A hub on a store that tests can delay."""

    def __init__(self, folder: Path, interval: float = SLOW, rules: dict[str, Rule] | None = None) -> None:
        self.folder = folder
        self.store = ReluctantStore(EmbeddedStore(folder / "feeds.db"))
        config, id_generator = Config(), IdGenerator()
        self.feeds, self.cursors, rule_map, names = make_buckets(self.store, config)
        self.ruleset = RulesService(rule_map, rules or {}, 10, id_generator)
        self.inbox = Inbox(
            self.feeds, Cursors(self.cursors, CursorNames(names, id_generator)), self.ruleset, id_generator
        )
        self.hub = Hub(self.inbox, self.feeds, self.cursors, interval)

    def background(self) -> list[str]:
        """Return the names of the hub's unfinished tasks."""
        names = [task.get_name() for task in asyncio.all_tasks() if not task.done()]
        return [name for name in names if name.startswith(("load ", "poll ")) and name != "load rules"]

    def polled(self) -> int:
        """Return the number of feeds that the hub polls."""
        return len(self.hub._poller)


@pytest.fixture
async def watching(tmp_path: Path) -> AsyncIterator[Watching]:
    made = Watching(tmp_path)
    yield made
    await made.hub.close()
    await made.store.close()


async def listen(hub: Hub, username: str) -> None:
    async with hub.listen(username) as listener:
        while await listener.next() is not None:
            pass


async def test_who_leaves_while_the_feed_is_loaded_leaves_nothing_behind(watching: Watching) -> None:
    watching.store.readable.clear()
    listening = [asyncio.create_task(listen(watching.hub, f"user{number}")) for number in range(50)]
    await until(lambda: len(watching.background()) == 50)
    for task in listening:
        task.cancel()
    await asyncio.wait(listening)
    assert watching.hub._topics == {}
    assert watching.polled() == 0
    watching.store.readable.set()
    await until(lambda: watching.background() == [])


async def test_of_two_who_wait_for_one_feed_one_may_leave(watching: Watching) -> None:
    watching.store.readable.clear()
    leaving, staying = (asyncio.create_task(listen(watching.hub, "test")) for _ in range(2))
    await until(lambda: len(watching.background()) == 1)
    leaving.cancel()
    await asyncio.wait([leaving])
    watching.store.readable.set()
    await until(lambda: watching.hub.listeners == 1)
    await watching.hub.close()
    await staying
    assert watching.hub._topics == {}


async def test_a_listener_that_waits_for_a_feed_ends_when_the_service_stops(watching: Watching) -> None:
    watching.store.readable.clear()
    listening = asyncio.create_task(listen(watching.hub, "test"))
    await until(lambda: len(watching.background()) == 1)
    await watching.hub.close()
    await listening
    watching.store.readable.set()
    await listen(watching.hub, "late")


async def test_a_feed_that_can_not_be_read_is_an_error_and_leaves_nothing_behind(watching: Watching) -> None:
    watching.store.fails = True
    with pytest.raises(StoreUnavailable):
        await listen(watching.hub, "test")
    assert watching.hub._topics == {}


async def test_the_hub_works_under_a_name_of_its_own(tmp_path: Path) -> None:
    watching = Watching(tmp_path, interval=0.01)
    with structlog.contextvars.bound_contextvars(request_id="of whoever came first"):
        listening = asyncio.create_task(listen(watching.hub, "test"))
    await until(lambda: watching.hub.listeners == 1)
    processors = [structlog.contextvars.merge_contextvars]
    with capture_logs(processors=processors) as logs:
        watching.store.fails = True
        await until(lambda: any(line["event"] == "poll failed" for line in logs))
    failed = next(line for line in logs if line["event"] == "poll failed")
    assert (failed["task"], failed["username"]) == ("poll feeds", "test")
    assert "request_id" not in failed
    await watching.hub.close()
    await listening
    await watching.store.close()


async def test_what_is_corrupt_does_not_reach_the_put_that_was_acknowledged(tmp_path: Path) -> None:
    watching = Watching(tmp_path, rules={"like": Rule(max_size=3)})
    listening = asyncio.create_task(listen(watching.hub, "test"))
    await until(lambda: watching.hub.listeners == 1)
    with capture_logs() as logs:
        await watching.feeds.update("test", lambda feed, before: (Feed(NO_ID, {encode(5): b"corrupt"}), None))
        watching.hub._topics["test"].watched._feed = Feed(NO_ID, {encode(5): b"corrupt"})
        await watching.cursors.update(
            cursor_key("test"), lambda cursor, before: (Cursor(cursor_key("test"), encode(5)), None)
        )
    assert [line["event"] for line in logs].count("corrupt payload") == 2
    await watching.hub.close()
    await listening
    await watching.store.close()


async def test_a_listener_that_falls_behind_is_reset_and_ended_whatever_it_has_missed() -> None:
    listener = Listener(iter([Counted(NOTHING)] * 5), encode(0))
    assert listener.take() == Counted(NOTHING)
    listener.publish([Counted(NOTHING)] * (MAX_QUEUE + 1))
    listener.publish([Counted(NOTHING)])
    assert listener.take() == Reset()
    assert listener.ended
    assert await listener.next() is None


async def test_a_listener_waits_for_events_and_is_woken_without_one() -> None:
    listener = Listener((), encode(0))
    assert listener.take() is None
    waiting = listener.news()
    listener.wake()
    await waiting
    assert (listener.take(), listener.ended) == (None, False)
    following = asyncio.create_task(listener.next())
    await asyncio.sleep(0)
    listener.wake()
    listener.publish([Counted(NOTHING)])
    assert await following == Counted(NOTHING)
    listener.end()
    assert await listener.next() is None


async def test_a_listener_whose_subscriber_left_hears_events_without_harm() -> None:
    listener = Listener((), encode(0))
    waiting = asyncio.create_task(listener.next())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    listener.publish([Counted(NOTHING)])
    assert listener.news().done()
    assert listener.take() == Counted(NOTHING)


def rests(topic: Topic) -> bool:
    return topic.watched._feed is None


async def test_a_feed_that_is_only_watched_is_not_cached_and_comes_to_rest(watching: Watching) -> None:
    other = Watching(watching.folder)
    for number in range(9):
        await other.inbox.creation.create("test", Draft(category="like", message=str(number)))
    async with watching.hub.listen("test") as listener:
        topic = watching.hub._topics["test"]
        assert rests(topic)
        assert listener.take() == Counted(Counts(9, 9, 9, 9))
        values = watching.store.asked["values"]
        await watching.hub._poll(topic)
        assert watching.store.asked["values"] - values <= 1  # the cursor, which does not exist
        assert watching.feeds._cached._cache.currsize == 0
        made = await other.inbox.creation.create("test", Draft(category="like", message="new"))
        await watching.hub._poll(topic)
        assert not rests(topic)
        assert listener.take() == Arrived(made.notification, unseen=True)
        await watching.hub._poll(topic)
        assert rests(topic)
    await other.store.close()


async def test_a_feed_that_leaves_during_its_poll_gets_no_events_and_may_come_back(watching: Watching) -> None:
    first = await watching.hub.join("test")
    topic = watching.hub._topics["test"]
    watching.store.readable.clear()
    polling = asyncio.create_task(watching.hub._poll(topic))
    await asyncio.sleep(0)
    watching.hub.leave("test", first)
    again = asyncio.create_task(watching.hub.join("test"))
    await until(lambda: watching.hub._topics.get("test") not in (None, topic))
    watching.store.readable.set()
    second = await again
    await polling
    assert (watching.polled(), watching.hub.listeners) == (1, 1)
    watching.hub.leave("test", second)
    assert (watching.polled(), watching.hub._topics) == (0, {})


ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))[:3]
    for line in (live.__doc__ or "").splitlines()
    if line.startswith("| ") and not line.startswith("| state")
]
"""State, event and next state of the table in `services/live.py`."""


class LifeCycle:
    """A watched feed to which the events of a row of the table are applied."""

    def __init__(self, watching: Watching) -> None:
        self._watching = watching
        self._callers: list[asyncio.Task[None]] = []

    @property
    def state(self) -> str:
        topic = self._watching.hub._topics.get("test")
        if self._watching.hub._closed:
            return "closed"
        if topic is None:
            return "absent"
        return "live" if topic.loading is None else "loading"

    def join(self) -> None:
        self._callers.append(asyncio.create_task(listen(self._watching.hub, "test")))

    async def bring_to(self, state: str) -> None:
        self._watching.store.readable.clear()
        if state != "absent":
            self.join()
            await until(lambda: self.state == "loading")
        if state == "live":
            self.join()
            self._watching.store.readable.set()
            await until(lambda: self._watching.hub.listeners == 2)

    async def play(self, event: str) -> None:
        store = self._watching.store
        if event in {"load fails", "poll fails"}:
            store.fails = True
        if event.startswith("load "):
            store.readable.set()
        await self._act(event)

    async def _act(self, event: str) -> None:
        hub = self._watching.hub
        match event:
            case "join":
                self.join()
            case "change":
                draft = Draft(category="like", message="one")
                await self._watching.inbox.creation.create("test", draft)
            case "poll finds nothing":
                await hub._poll(hub._topics["test"])
            case "poll fails":
                with capture_logs() as logs:
                    await hub._poll(hub._topics["test"])
                assert [line["event"] for line in logs] == ["poll failed"]
            case "one leaves":
                self._callers.pop().cancel()
            case "last leaves":
                await self.leave()
            case "close":
                await hub.close()

    async def leave(self) -> None:
        for caller in self._callers:
            caller.cancel()
        await asyncio.gather(*self._callers, return_exceptions=True)


@pytest.mark.parametrize(("state", "event", "following"), ROWS, ids=[f"{row[0]}, {row[1]}" for row in ROWS])
async def test_a_watched_feed_lives_as_the_table_says(
    watching: Watching, state: str, event: str, following: str
) -> None:
    cycle = LifeCycle(watching)
    await cycle.bring_to(state)
    assert cycle.state == state
    await cycle.play(event)
    await until(lambda: cycle.state == following)
    await cycle.leave()
    watching.store.readable.set()
    await until(lambda: watching.background() == [])
    assert watching.polled() == 0


def test_the_table_names_every_state_and_event() -> None:
    assert {state for state, _, _ in ROWS} == {"absent", "loading", "live"}
    assert len(ROWS) == len({(state, event) for state, event, _ in ROWS}) == 13
