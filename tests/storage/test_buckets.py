"""How a bucket reads, merges and writes back: the calls that it makes, and that no acknowledged change is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import pytest

from notification.domain.errors import CorruptValue, Invalid, StoreUnavailable
from notification.storage.bucket import Bucket, Change
from notification.storage.embedded.store import EmbeddedStore
from siblings import FEED, Feed
from siblings.ksuid import MIN_ID, NO_ID, decode, encode
from tests.waiting import until
from tests.watched_store import WatchedStore

OpenBucket = Callable[..., Bucket[Feed]]


def add(number: int, payload: bytes = b"x") -> Change[Feed, str]:
    return lambda feed, _: (feed.add(encode(number), payload), encode(number))


def append(feed: Feed, before: str | None) -> tuple[Feed, str]:
    """Add an id above all ids of the feed, as a create does. If a floor has overtaken the id, make a new one."""
    id_ = before if before is not None and before > feed.floor else encode(decode(feed.newest or MIN_ID) + 1)
    return feed.add(id_, b"x"), id_


def clear(feed: Feed, before: str | None) -> tuple[Feed, str]:
    upto = before if before is not None else feed.newest
    return feed.clear(upto), upto


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[WatchedStore]:
    watched = WatchedStore(EmbeddedStore(tmp_path / "feeds.db"))
    yield watched
    await watched.close()


@pytest.fixture
async def open_bucket(store: WatchedStore) -> AsyncIterator[OpenBucket]:
    """Buckets that share only the store, as in several processes."""
    opened: list[Bucket[Feed]] = []

    def open_(**options: float) -> Bucket[Feed]:
        opened.append(Bucket("feeds", FEED, store, **options))  # type: ignore[arg-type]  # options by name
        return opened[-1]

    yield open_
    for bucket in opened:
        await bucket.close()


@pytest.fixture
def bucket(open_bucket: OpenBucket) -> Bucket[Feed]:
    return open_bucket()


async def siblings(store: WatchedStore) -> int:
    fetched = await store.fetch("feeds", "user")
    assert fetched is not None
    return len(fetched.values)


async def test_a_key_never_written_reads_as_the_least_value(bucket: Bucket[Feed]) -> None:
    assert await bucket.read("user") == Feed()


async def test_a_change_is_read_back_and_its_result_given(bucket: Bucket[Feed]) -> None:
    assert await bucket.update("user", add(5)) == encode(5)
    assert list((await bucket.read("user")).slots) == [encode(5)]


async def test_a_second_write_costs_one_round_trip(bucket: Bucket[Feed], store: WatchedStore) -> None:
    await bucket.update("user", add(1))
    store.asked.clear()
    await bucket.update("user", add(2))
    assert store.asked == {"put": 1}


async def test_an_unchanged_read_brings_no_value(bucket: Bucket[Feed], store: WatchedStore) -> None:
    await bucket.update("user", add(1))
    store.asked.clear()
    assert list((await bucket.read("user")).slots) == [encode(1)]
    assert store.asked == {"fetch": 1, "values": 0}


async def test_a_peek_brings_a_value_once_and_caches_none(open_bucket: OpenBucket, store: WatchedStore) -> None:
    writer, peeking = open_bucket(), open_bucket()
    await writer.update("user", add(1))
    store.asked.clear()
    first = await peeking.peek("user")
    assert first is not None
    assert list(first.value.slots) == [encode(1)]
    assert await peeking.peek("user", first.context) is None
    assert store.asked == {"fetch": 2, "values": 1}
    await writer.update("user", add(2))
    second = await peeking.peek("user", first.context)
    assert second is not None
    assert list(second.value.slots) == [encode(1), encode(2)]
    assert peeking._cached._cache.currsize == 0


async def test_a_peek_of_a_cached_value_keeps_the_cache_current(open_bucket: OpenBucket, store: WatchedStore) -> None:
    writer, peeking = open_bucket(), open_bucket()
    await writer.update("user", add(1))
    await peeking.read("user")
    peeked = await peeking.peek("user")
    assert peeked is not None
    assert await peeking.peek("user", peeked.context) is None
    heard: list[Feed] = []
    peeking.on_change(lambda _, feed: heard.append(feed))
    await writer.update("user", add(2))
    changed = await peeking.peek("user", peeked.context)
    assert changed is not None
    assert changed.value is heard[0] is await peeking.read("user")


async def test_a_peek_repairs_siblings(open_bucket: OpenBucket, store: WatchedStore) -> None:
    for number in (1, 2):
        await store.put("feeds", "user", FEED.encode(Feed().add(encode(number), b"x")), None)
    peeked = await open_bucket().peek("user")
    assert peeked is not None
    assert list(peeked.value.slots) == [encode(1), encode(2)]
    await until(lambda: store.asked["put"] == 3)


async def test_a_change_that_changes_nothing_is_not_put(bucket: Bucket[Feed], store: WatchedStore) -> None:
    await bucket.update("user", add(1))
    store.asked.clear()
    assert await bucket.update("user", add(1)) == encode(1)
    assert store.asked["put"] == 0


async def test_changes_that_come_while_a_put_is_under_way_are_put_together(
    bucket: Bucket[Feed], store: WatchedStore
) -> None:
    store.open.clear()
    first = asyncio.ensure_future(bucket.update("user", append))
    await until(lambda: store.asked["put"] == 1)
    others = [asyncio.ensure_future(bucket.update("user", append)) for _ in range(50)]
    await asyncio.sleep(0)
    store.open.set()
    ids = await asyncio.gather(first, *others)
    assert len(set(ids)) == 51 == len((await bucket.read("user")).slots)
    assert store.asked["put"] == 2


async def test_a_change_of_another_process_is_read(open_bucket: OpenBucket) -> None:
    one, other = open_bucket(), open_bucket()
    await one.update("user", add(1))
    await other.update("user", add(2))
    assert list((await one.read("user")).slots) == [encode(1), encode(2)]


async def test_a_put_from_a_stale_cache_loses_nothing_and_leaves_one_value(
    open_bucket: OpenBucket, store: WatchedStore
) -> None:
    one, other = open_bucket(), open_bucket()
    await one.update("user", add(1))
    await other.update("user", add(2))
    await one.update("user", add(3))
    await one.close()
    assert await siblings(store) == 1
    assert list((await other.read("user")).slots) == [encode(1), encode(2), encode(3)]


async def write_in_turn(buckets: Sequence[Bucket[Feed]], numbers: Iterable[int]) -> None:
    for number in numbers:
        await buckets[number % len(buckets)].update("user", add(number))
    await asyncio.gather(*(bucket.close() for bucket in buckets))


async def test_processes_that_write_in_turn_soon_ask_first_and_make_no_more_siblings(
    open_bucket: OpenBucket, store: WatchedStore
) -> None:
    # After a repair of siblings, which has a random delay, a process may be the only writer for a while and not read.
    numbers = count(1)

    async def quiet() -> bool:
        store.asked.clear()
        store.most_siblings = 0
        await write_in_turn(buckets, islice(numbers, 6))
        return store.most_siblings == 1

    buckets = [open_bucket(), open_bucket()]
    await write_in_turn(buckets, islice(numbers, 6))
    await until(quiet)
    assert store.asked["put"] == store.asked["fetch"] == 6
    assert await quiet()
    assert store.asked["put"] == store.asked["fetch"] == 6


async def test_a_process_that_is_alone_again_stops_asking_first(open_bucket: OpenBucket, store: WatchedStore) -> None:
    one, other = open_bucket(), open_bucket()
    await one.update("user", add(1))
    await other.update("user", add(2))
    for number in range(3, 6):
        await one.update("user", add(number))
    await one.close()
    store.asked.clear()
    await one.update("user", add(9))
    assert store.asked == {"put": 1}


async def test_siblings_met_by_a_reader_are_merged_and_written_back_once(
    bucket: Bucket[Feed], store: WatchedStore
) -> None:
    for number in range(1, 4):
        await store.put("feeds", "user", FEED.encode(Feed.of(NO_ID, {encode(number): b"x"})), None)
    store.asked.clear()
    reads = await asyncio.gather(*(bucket.read("user") for _ in range(10)))
    assert all(len(feed.slots) == 3 for feed in reads)
    await bucket.close()
    assert await siblings(store) == 1
    assert store.asked["put"] == 1


async def test_many_writers_of_one_key_leave_few_siblings_and_one_when_quiet(
    open_bucket: OpenBucket, store: WatchedStore
) -> None:
    buckets = [open_bucket() for _ in range(4)]
    await asyncio.gather(*(buckets[number % 4].update("user", add(number)) for number in range(1, 101)))
    for bucket in buckets:
        await bucket.close()
    assert store.most_siblings <= 4
    assert len((await buckets[0].read("user")).slots) == 100
    await buckets[0].close()
    assert await siblings(store) == 1


async def test_a_create_that_a_floor_has_overtaken_is_made_anew_above_it(
    open_bucket: OpenBucket, store: WatchedStore
) -> None:
    slow_way = WatchedStore(store)
    slow, ahead = Bucket("feeds", FEED, slow_way), open_bucket()
    await slow.update("user", append)
    slow_way.open.clear()
    creating = asyncio.ensure_future(slow.update("user", append))
    await until(lambda: slow_way.asked["put"] == 2)
    await ahead.update("user", add(1000))
    await ahead.update("user", clear, fresh=True)
    slow_way.open.set()
    assert await creating in (await ahead.read("user")).slots
    await slow.close()


async def test_a_create_put_beside_a_clear_from_ahead_is_shown_when_it_is_acknowledged(
    open_bucket: OpenBucket, store: WatchedStore
) -> None:
    stale = open_bucket()
    await stale.update("user", append)
    cleared = Feed(floor=encode(1000))
    await store.put("feeds", "user", FEED.encode(cleared), (await store.fetch("feeds", "user") or (0, None))[1])
    id_ = await stale.update("user", append)
    assert id_ in (await stale.read("user")).slots
    assert id_ > cleared.floor


async def test_a_clear_that_meets_a_create_it_did_not_see_leaves_it(
    open_bucket: OpenBucket, store: WatchedStore
) -> None:
    one, other = open_bucket(), open_bucket()
    await one.update("user", add(1))
    await other.update("user", add(2))
    await one.update("user", clear)
    await one.close()
    assert list((await other.read("user")).slots) == [encode(2)]


async def test_a_fresh_change_sees_what_another_process_wrote(open_bucket: OpenBucket) -> None:
    one, other = open_bucket(), open_bucket()
    await one.update("user", add(1))
    await other.update("user", add(2))
    await one.update("user", clear, fresh=True)
    assert (await other.read("user")).slots == {}


async def test_a_put_whose_request_was_lost_is_not_acknowledged(bucket: Bucket[Feed], store: WatchedStore) -> None:
    store.lose_requests = 1
    with pytest.raises(StoreUnavailable):
        await bucket.update("user", add(1))
    assert (await bucket.read("user")).slots == {}


async def test_after_a_lost_reply_the_next_change_fetches_and_loses_nothing(
    bucket: Bucket[Feed], store: WatchedStore
) -> None:
    store.lose_replies = 1
    with pytest.raises(StoreUnavailable):
        await bucket.update("user", add(1))
    store.asked.clear()
    await bucket.update("user", add(2))
    assert store.asked["fetch"] == 1
    assert list((await bucket.read("user")).slots) == [encode(1), encode(2)]


async def test_those_who_come_after_a_failed_put_are_served(bucket: Bucket[Feed], store: WatchedStore) -> None:
    store.open.clear()
    store.lose_requests = 1
    failing = asyncio.ensure_future(bucket.update("user", add(1)))
    await until(lambda: store.asked["put"] == 1)
    following = asyncio.ensure_future(bucket.update("user", add(2)))
    await asyncio.sleep(0)
    store.open.set()
    with pytest.raises(StoreUnavailable):
        await failing
    assert await following == encode(2)


async def test_a_change_that_takes_too_long_is_unavailable(open_bucket: OpenBucket, store: WatchedStore) -> None:
    store.open.clear()
    with pytest.raises(StoreUnavailable, match=r"within 0\.05 s"):
        await open_bucket(deadline=0.05).update("user", add(1))
    store.open.set()


async def test_a_change_whose_caller_left_the_line_is_not_made(bucket: Bucket[Feed], store: WatchedStore) -> None:
    store.open.clear()
    first = asyncio.ensure_future(bucket.update("user", add(1)))
    await until(lambda: store.asked["put"] == 1)
    leaving = asyncio.ensure_future(bucket.update("user", add(2)))
    await asyncio.sleep(0)
    leaving.cancel()
    store.open.set()
    await first
    assert list((await bucket.read("user")).slots) == [encode(1)]


async def test_a_refused_change_disturbs_none_of_those_put_with_it(bucket: Bucket[Feed]) -> None:
    def refused(feed: Feed, before: str | None) -> tuple[Feed, str]:
        raise Invalid("no")

    outcomes = await asyncio.gather(
        bucket.update("user", add(1)), bucket.update("user", refused), bucket.update("user", add(2)),
        return_exceptions=True,
    )  # fmt: skip
    assert isinstance(outcomes[1], Invalid)
    assert list((await bucket.read("user")).slots) == [encode(1), encode(2)]


async def test_a_defect_in_a_change_reaches_its_caller_and_the_key_stays_usable(bucket: Bucket[Feed]) -> None:
    def defective(feed: Feed, before: str | None) -> tuple[Feed, str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await bucket.update("user", defective)
    assert await bucket.update("user", add(1)) == encode(1)


async def test_a_corrupt_value_is_reported_and_never_overwritten(bucket: Bucket[Feed], store: WatchedStore) -> None:
    await store.put("feeds", "user", b"junk", None)
    for attempt in (bucket.read("user"), bucket.update("user", add(1))):
        with pytest.raises(CorruptValue, match="feeds/user"):
            await attempt
    fetched = await store.fetch("feeds", "user")
    assert fetched is not None
    assert fetched.values == (b"junk",)


async def test_a_corrupt_sibling_beside_a_cached_value_is_kept(bucket: Bucket[Feed], store: WatchedStore) -> None:
    await bucket.update("user", add(1))
    await store.put("feeds", "user", b"junk", None)
    with pytest.raises(CorruptValue):
        await bucket.update("user", add(2))
    assert b"junk" in (await store.fetch("feeds", "user") or ((),))[0]


async def test_a_deleted_key_reads_as_the_least_value(open_bucket: OpenBucket) -> None:
    one, other = open_bucket(), open_bucket()
    await one.update("user", add(1))
    await other.delete("user")
    await other.delete("user")
    assert await one.read("user") == Feed()


async def test_the_cache_keeps_to_its_capacity_and_a_forgotten_key_is_fetched_again(
    open_bucket: OpenBucket, store: WatchedStore
) -> None:
    bucket = open_bucket(capacity=2000, size_of=lambda feed: 500)
    for user in "abc":
        await bucket.update(user, add(1))
    store.asked.clear()
    await bucket.update("c", add(2))
    await bucket.update("a", add(2))
    assert store.asked == {"put": 2, "fetch": 1, "values": 1}


async def test_where_siblings_are_cheap_a_change_is_put_beside_what_there_is_and_folded_in_time(
    store: WatchedStore,
) -> None:
    store.capabilities = replace(store.capabilities, max_siblings=4)
    bucket = Bucket("feeds", FEED, store)
    left = []
    for number in range(1, 12):
        await bucket.update("user", add(number))
        left.append(await siblings(store))
    assert left == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3]
    assert len((await Bucket("feeds", FEED, store).read("user")).slots) == 11


async def test_cheap_siblings_of_several_processes_are_folded_and_nothing_is_lost(store: WatchedStore) -> None:
    store.capabilities = replace(store.capabilities, max_siblings=4)
    buckets = [Bucket("feeds", FEED, store) for _ in range(4)]
    await asyncio.gather(*(buckets[number % 4].update("user", add(number)) for number in range(1, 201)))
    for bucket in buckets:
        await bucket.close()
    assert len((await Bucket("feeds", FEED, store).read("user")).slots) == 200
    assert await siblings(store) <= 4
    assert store.most_siblings <= 8
