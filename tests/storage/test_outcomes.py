"""What a caller learns about a change that was not acknowledged."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notification.domain.errors import NotStored, Outcome, StoreUnavailable, Unread, after_a_write, uncertain
from notification.storage.bucket import Bucket
from notification.storage.embedded.store import EmbeddedStore
from notification.storage.store import Context, Fetched
from siblings import FEED, Feed
from siblings.ksuid import encode
from tests.storage.test_buckets import add
from tests.waiting import until
from tests.watched_store import WatchedStore


class Unreadable(WatchedStore):
    """A store whose fetches fail from the one numbered `from_fetch` on."""

    from_fetch = 0

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        if self.from_fetch and self.asked["fetch"] + 1 >= self.from_fetch:
            raise Unread("no answer")
        return await super().fetch(bucket, key, unless)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Unreadable]:
    watched = Unreadable(EmbeddedStore(tmp_path / "feeds.db"))
    yield watched
    await watched.close()


async def outcome(bucket: Bucket[Feed], number: int = 1) -> Outcome:
    with pytest.raises(StoreUnavailable) as raised:
        await bucket.update("user", add(number))
    return raised.value.outcome


async def test_a_change_whose_value_can_not_be_fetched_was_not_made(store: Unreadable) -> None:
    store.from_fetch = 1
    assert await outcome(Bucket("feeds", FEED, store)) is Outcome.UNCHANGED


async def test_a_put_that_was_refused_was_not_made_and_one_without_a_reply_is_unknown(store: Unreadable) -> None:
    bucket = Bucket("feeds", FEED, store)
    store.lose_requests = 1
    assert await outcome(bucket) is Outcome.UNCHANGED
    store.lose_replies = 1
    assert await outcome(bucket) is Outcome.UNKNOWN


async def test_a_put_that_met_siblings_which_can_not_be_fetched_is_unknown(store: Unreadable) -> None:
    one, other = Bucket("feeds", FEED, store), Bucket("feeds", FEED, store)
    await one.update("user", add(1))
    await other.update("user", add(2))
    store.from_fetch = store.asked["fetch"] + 1
    assert await outcome(one, 3) is Outcome.UNKNOWN
    store.from_fetch = 0
    assert encode(3) in (await other.read("user")).slots


async def test_a_deadline_in_the_line_is_certain_and_one_during_the_put_is_not(store: Unreadable) -> None:
    bucket = Bucket("feeds", FEED, store, deadline=0.1)
    store.open.clear()
    first = asyncio.create_task(outcome(bucket, 1))
    await until(lambda: store.asked["put"] == 1)
    second = asyncio.create_task(outcome(bucket, 2))
    assert (await first, await second) == (Outcome.UNKNOWN, Outcome.UNCHANGED)
    store.open.set()
    await bucket.close()
    assert [*(await bucket.read("user")).slots] == [encode(1)]


async def test_a_change_that_was_given_up_while_its_value_was_fetched_is_never_put(tmp_path: Path) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    class Slow(WatchedStore):
        async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
            arrived.set()
            await go_on.wait()
            return await super().fetch(bucket, key, unless)

    store = Slow(EmbeddedStore(tmp_path / "feeds.db"))
    bucket = Bucket("feeds", FEED, store, deadline=0.05)
    assert await outcome(bucket) is Outcome.UNCHANGED
    go_on.set()
    await bucket.close()
    assert store.asked["put"] == 0
    await store.close()


def test_what_follows_a_write_is_uncertain() -> None:
    for error in (Unread("why"), NotStored("why"), StoreUnavailable("why")):
        with pytest.raises(StoreUnavailable, match="why") as raised, after_a_write():
            raise error
        assert raised.value.outcome is Outcome.UNKNOWN
        assert uncertain(error).outcome is Outcome.UNKNOWN
