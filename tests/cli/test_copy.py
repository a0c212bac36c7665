"""`copy`: from one store to another, whichever they are, while both serve."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notification.domain.drafts import Draft
from notification.domain.errors import CorruptValue, StoreUnavailable
from notification.domain.model import Rule
from notification.domain.ranges import Range
from notification.operations.copying import Copier, Place
from notification.operations.health import HealthCheck
from notification.runtime.app import TYPES, make_buckets, open_service, open_store
from notification.runtime.config import Config, load_config
from notification.storage.store import Store
from siblings import FEED, Feed
from siblings.ksuid import NO_ID, encode
from tests.cli.conftest import Run
from tests.riak_cluster import RiakCluster
from tests.storage.damage import damage_table
from tests.watched_store import WatchedStore

USERS = [f"user-{number}" for number in range(50)]


def nothing() -> None:
    """Nobody watches the progress."""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two configurations, each with a file of its own."""
    files = [tmp_path / "a.yml", tmp_path / "b.yml"]
    for file in files:
        file.write_text(f"embedded: {{path: {file}.db}}\n")
    return files


@pytest.fixture
async def on_riak(tmp_path: Path) -> AsyncIterator[Path]:
    """A configuration with a cluster."""
    async with RiakCluster(nodes=3, bucket_types={"notifications": {}}) as cluster:
        file = tmp_path / "riak.yml"
        file.write_text(
            f"storage: riak\nriak: {{nodes: [{', '.join(cluster.addresses)}], bucket_type: notifications}}\n"
        )
        yield file


def config(file: Path) -> Config:
    return load_config(file, {})


async def fill(file: Path, users: list[str] = USERS) -> dict[str, list[str]]:
    """Three notifications for each; the first one removed, the others seen. The ids that are left, newest first."""
    left = {}
    async with open_service(config(file)) as service:
        for user in users:
            draft = Draft(category="like", message=f"to {user}")
            ids = [(await service.inbox.creation.create(user, draft))[0].id for _ in range(3)]
            await service.inbox.remove(user, ids[:1])
            await service.inbox.page(user, Range(), mark_seen=True)
            left[user] = ids[:0:-1]
        await service.ruleset.put("comment", Rule(max_size=7))
    return left


async def stored(file: Path) -> dict[str, list[str]]:
    """The ids of every user's notifications, newest first; all of them have been seen."""
    async with open_service(config(file)) as service:
        pages = {user: await service.inbox.page(user, Range(), mark_seen=False) for user in USERS}
        assert await service.ruleset.current() == {"comment": Rule(max_size=7)}
    assert not any(item.unseen for page in pages.values() for item in page.items)
    return {user: [item.head.id for item in page.items] for user, page in pages.items()}


async def put(file: Path, bucket: str, key: str, *values: bytes) -> None:
    async with open_store(config(file)) as store:
        for value in values:
            await store.put(bucket, key, value, None)


async def siblings(file: Path, bucket: str, key: str) -> tuple[bytes, ...]:
    async with open_store(config(file)) as store:
        fetched = await store.fetch(bucket, key)
    return fetched.values if fetched else ()


async def feed(file: Path, user: str) -> Feed:
    return FEED.join(map(FEED.decode, await siblings(file, "notifications", user)))


async def test_all_of_a_file_is_copied_to_riak_and_back(run: Run, files: list[Path], on_riak: Path) -> None:
    left = await fill(files[0])
    there = await run("copy", "--from", files[0], "--to", on_riak, "--json")
    back = await run("copy", "--from", on_riak, "--to", files[1])
    assert (there.code, back.code) == (0, 0)
    assert [tally["written"] for tally in json.loads(there.out).values()] == [50, 50, 1, 0]
    assert back.lines == [
        "bucket         keys  siblings  written  failed",
        "notifications  50    50        50       0",
        "cursors        50    50        50       0",
        "rules          1     1         1        0",
        "cursor_names   0     0         0        0",
    ]
    assert await stored(on_riak) == await stored(files[1]) == left


async def test_a_copy_that_is_repeated_writes_nothing(run: Run, files: list[Path]) -> None:
    await fill(files[0])
    tallies = [json.loads((await run("copy", "--from", files[0], "--to", files[1], "--json")).out) for _ in range(2)]
    assert [{name: tally["written"] for name, tally in one.items()} for one in tallies] == [
        {"notifications": 50, "cursors": 50, "rules": 1, "cursor_names": 0},
        {"notifications": 0, "cursors": 0, "rules": 0, "cursor_names": 0},
    ]


async def test_what_the_target_has_already_is_kept_and_merged(run: Run, files: list[Path]) -> None:
    one = Feed.of(NO_ID, {encode(1): b"one", encode(2): b"two"})
    other = Feed.of(NO_ID, {encode(2): None, encode(3): b"three"})
    await put(files[0], "notifications", "bob", FEED.encode(one))
    await put(files[1], "notifications", "bob", FEED.encode(other))
    await run("copy", "--from", files[0], "--to", files[1])
    assert await feed(files[1], "bob") == FEED.merge(one, other)


async def test_siblings_on_both_sides_are_all_merged(run: Run, files: list[Path]) -> None:
    feeds = [Feed.of(NO_ID, {encode(number): b"payload"}) for number in range(1, 5)]
    await put(files[0], "notifications", "bob", *map(FEED.encode, feeds[:2]))
    await put(files[1], "notifications", "bob", *map(FEED.encode, feeds[2:]))
    done = await run("copy", "--from", files[0], "--to", files[1], "--json")
    assert json.loads(done.out)["notifications"] == {"keys": 1, "siblings": 2, "written": 1, "failed": 0}
    assert await feed(files[1], "bob") == FEED.join(feeds)


async def test_what_does_not_decode_is_left_out_and_told_and_the_rest_copied(run: Run, files: list[Path]) -> None:
    good = FEED.encode(Feed.of(NO_ID, {encode(1): b"one"}))
    await put(files[0], "notifications", "broken", good, b"junk")
    await put(files[0], "notifications", "broken-there", good)
    await put(files[0], "notifications", "whole", good)
    await put(files[1], "notifications", "broken-there", b"junk")
    done = await run("copy", "--from", files[0], "--to", files[1])
    assert done.code == 1
    assert "notifications/broken was not copied: not readable" in done.err
    assert "notifications/broken-there was not copied: the value of notifications/broken-there" in done.err
    assert "notifications  3     3" not in done.out
    assert await siblings(files[1], "notifications", "broken-there") == (b"junk",)
    assert await siblings(files[1], "notifications", "broken") == ()
    assert await siblings(files[1], "notifications", "whole") == (good,)


async def test_both_sides_may_serve_meanwhile_and_nothing_is_lost(files: list[Path], on_riak: Path) -> None:
    await fill(files[0], USERS[:20])
    made: dict[str, set[str]] = {user: set() for user in USERS}
    async with open_service(config(files[0])) as here, open_service(config(on_riak)) as there:
        buckets = make_buckets(there.store, config(on_riak))
        copier = Copier(here.store, there.store, buckets, TYPES)

        async def write(number: int) -> None:
            for user in USERS:
                service = (here, there)[number % 2]
                created = await service.inbox.creation.create(user, Draft(category="like", message="meanwhile"))
                made[user].add(created.notification.id)

        await asyncio.gather(*(write(number) for number in range(4)), copier.copy(await copier.places(), nothing))
        await copier.copy(await copier.places(), nothing)
        for bucket in buckets:
            await bucket.close()
        for user in USERS:
            page = await there.inbox.page(user, Range(max=1000), mark_seen=False)
            assert made[user] <= {item.head.id for item in page.items}


async def test_what_was_removed_since_the_keys_were_listed_is_passed_over(files: list[Path]) -> None:
    async with open_store(config(files[0])) as source, open_store(config(files[1])) as target:
        copier = copier_of(source, target, files[1])
        tallies = await copier.copy([Place("cursors", "gone")], nothing)
        assert (tallies["cursors"].keys, tallies["cursors"].siblings, tallies["cursors"].failures) == (1, 0, {})


async def test_a_key_that_is_not_utf_8_is_told(files: list[Path]) -> None:
    async with open_store(config(files[0])) as source, open_store(config(files[1])) as target:
        tallies = await copier_of(source, target, files[1]).copy([Place("cursors", "\udcff")], nothing)
        assert tallies["cursors"].failures == {"\udcff": "its key is not UTF-8"}


async def test_what_is_not_there_afterwards_is_told(files: list[Path]) -> None:
    await put(files[0], "cursors", "c", b'{"key":"c","value":"' + encode(7).encode() + b'"}')
    async with open_store(config(files[0])) as source, open_store(config(files[1])) as target:
        copier = Copier(source, target, make_buckets(source, config(files[0])), TYPES)
        tallies = await copier.copy(await copier.places(), nothing)
    assert tallies["cursors"].failures == {
        "c": "the target does not contain all of it: another process removed some meanwhile"
    }


async def test_a_store_that_gives_no_answer_ends_the_copy(files: list[Path]) -> None:
    await fill(files[0], USERS[:5])
    async with open_store(config(files[0])) as source, open_store(config(files[1])) as store:
        target = WatchedStore(store)
        target.lose_requests = 1
        copier = copier_of(source, target, files[1])
        places = await copier.places()
        with pytest.raises(StoreUnavailable, match="lost"):
            await copier.copy(places, nothing)
        tallies = await copier.copy(places, nothing)
        assert not any(tally.failures for tally in tallies.values())


def copier_of(source: Store, target: Store, file: Path) -> Copier:
    return Copier(source, target, make_buckets(target, config(file)), TYPES)


async def test_a_source_that_is_not_there_is_told_and_not_made(run: Run, files: list[Path]) -> None:
    done = await run("copy", "--from", files[0], "--to", files[1])
    assert done == (1, "", f"notification: {files[0]}.db does not exist\n")


async def test_an_empty_source_is_no_failure(run: Run, files: list[Path]) -> None:
    await put(files[0], "notifications", "bob", FEED.encode(Feed()))
    done = await run("copy", "--from", files[0], "--to", files[1], "--json")
    assert (done.code, json.loads(done.out)["rules"]["keys"]) == (0, 0)


async def test_damaged_pages_are_passed_over_and_told_and_the_rest_copied(run: Run, files: list[Path]) -> None:
    await fill(files[0])
    damage_table(Path(f"{files[0]}.db"), at_dot=30)
    done = await run("copy", "--from", files[0], "--to", files[1], "--json")
    tallies = json.loads(done.out)
    failed = sum(tally["failed"] for tally in tallies.values())
    assert done.code == 1
    assert 0 < failed == len([line for line in done.err.splitlines() if "can't be read: database disk image" in line])
    assert sum(tally["written"] for tally in tallies.values()) == 101 - failed


async def test_what_health_checks_write_is_nobodys_and_not_copied(files: list[Path]) -> None:
    async with open_service(config(files[0])) as service:
        assert (await HealthCheck(service.store, "notifications").check()).well
        async with open_store(config(files[1])) as target:
            assert await copier_of(service.store, target, files[1]).places() == []


async def test_keys_that_can_not_be_listed_are_a_failure_and_the_others_copied(files: list[Path]) -> None:
    class Unlisted(WatchedStore):
        async def keys(self, bucket: str) -> list[str]:
            if bucket == "cursors":
                raise CorruptValue(bucket, "*", "can't be read")
            return await super().keys(bucket)

    await fill(files[0], USERS[:5])
    async with open_store(config(files[0])) as source, open_store(config(files[1])) as target:
        copier = copier_of(Unlisted(source), target, files[1])
        tallies = await copier.copy(await copier.places(), nothing)
    assert tallies["cursors"].failures == {
        "*": "the value of cursors/* can't be read; see: notification inspect CONFIG cursors '*'"
    }
    assert tallies["notifications"].written == 5
