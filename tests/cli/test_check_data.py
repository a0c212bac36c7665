"""`check-data`: whether everything that a store holds can be read."""

import json
from pathlib import Path

import pytest

from notification.domain.drafts import Draft
from notification.domain.model import Rule
from notification.operations.health import HealthCheck
from notification.runtime.app import open_service
from notification.runtime.config import load_config
from notification.storage.embedded.store import EmbeddedStore
from siblings import FEED, RULE_MAP, Feed, RuleMap
from siblings.ksuid import NO_ID, encode
from siblings.rule_map import Entry
from tests.cli.conftest import Run
from tests.riak_cluster import RiakCluster
from tests.storage.damage import damage_index, damage_table


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = tmp_path / "config.yml"
    config.write_text(f"embedded: {{path: {tmp_path}/feeds.db}}\n")
    return config


async def fill(config: Path, users: int = 30) -> None:
    async with open_service(load_config(config, {})) as service:
        for number in range(users):
            await service.inbox.creation.create(f"user-{number}", Draft(category="like", message="hi" * 120))
        await service.ruleset.put("like", Rule(max_size=7))
        await HealthCheck(service.store, "notifications").check()


async def put(folder: Path, bucket: str, key: str, value: bytes) -> None:
    store = EmbeddedStore(folder / "feeds.db")
    await store.put(bucket, key, value, None)
    await store.close()


async def test_what_is_whole_is_counted(run: Run, config: Path) -> None:
    await fill(config)
    done = await run("check-data", config)
    assert (done.code, done.err) == (0, "")
    assert done.lines == [
        "bucket         keys  siblings  unreadable",
        "notifications  30    30        0",
        "cursors        0     0         0",
        "rules          1     1         0",
        "cursor_names   0     0         0",
    ]


async def test_everything_that_does_not_decode_is_named_down_to_single_payloads(
    run: Run, config: Path, tmp_path: Path
) -> None:
    await fill(config, 1)
    await put(tmp_path, "notifications", "junk", b"junk")
    await put(tmp_path, "notifications", "part", FEED.encode(Feed.of(NO_ID, {encode(1): b"junk"})))
    await put(tmp_path, "rules", "rules", RULE_MAP.encode(RuleMap(NO_ID, {"poke": Entry(encode(7), b"junk")})))
    done = await run("check-data", config)
    assert done.code == 1
    assert [line.split(": ")[1] for line in done.err.splitlines()] == [
        "notifications/junk", "notifications/part", "rules/rules"
    ]  # fmt: skip
    found = json.loads((await run("check-data", config, "--json")).out)["buckets"]
    assert (found["notifications"]["keys"], [*found["notifications"]["unreadable"]]) == (3, ["junk", "part"])


async def test_damaged_pages_are_reported_by_the_file_and_by_the_key(run: Run, config: Path, tmp_path: Path) -> None:
    await fill(config)
    damage_table(tmp_path / "feeds.db", at_dot=15)
    done = await run("check-data", config)
    assert done.code == 1
    assert f"notification: {tmp_path}/feeds.db: " in done.err
    assert "notification: notifications/user-14: the value of notifications/user-14 can't be read: database" in done.err
    assert "user-1:" not in done.err


async def test_a_damaged_index_is_reported(run: Run, config: Path, tmp_path: Path) -> None:
    await fill(config)
    damage_index(tmp_path / "feeds.db")
    done = await run("check-data", config)
    assert (done.code, "malformed" in done.err) == (1, True)


async def test_riak_is_checked_too(run: Run, tmp_path: Path) -> None:
    async with RiakCluster(nodes=1, bucket_types={"notifications": {}}) as cluster:
        config = tmp_path / "riak.yml"
        config.write_text(
            f"storage: riak\nriak: {{nodes: [{cluster.addresses[0]}], bucket_type: notifications, deadline: 500 ms, "
            "request_timeout: 500 ms}\n"
        )
        await fill(config, 3)
        assert (await run("check-data", config)).code == 0
        cluster.kill(0)
        assert (await run("check-data", config)).code == 1


async def test_a_file_that_is_not_there_is_told_and_not_made(run: Run, config: Path, tmp_path: Path) -> None:
    assert await run("check-data", config) == (1, "", f"notification: {tmp_path}/feeds.db does not exist\n")
    assert not (tmp_path / "feeds.db").exists()
