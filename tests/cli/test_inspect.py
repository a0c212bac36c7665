"""`inspect`: what is stored under a key."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from notification.cli import main
from notification.client import NotificationClient
from notification.domain.model import Notification, Rule
from notification.domain.payload import encode_notification, encode_rule
from notification.storage.embedded.store import EmbeddedStore
from siblings import CURSOR, FEED, RULE_MAP, Cursor, Feed, RuleMap
from siblings.ksuid import NO_ID, encode
from siblings.rule_map import STANDING
from tests.cli.conftest import Run

Put = Callable[..., Awaitable[None]]


def payload(message: str, idempotency: tuple[bytes, bytes] | None = None) -> bytes:
    return encode_notification(Notification("", "like", message, 5, {"post": "7"}, idempotency))


def shown(number: int, message: str) -> dict[str, Any]:
    return {
        "id": encode(number), "category": "like", "message": message, "created_at": 5, "properties": {"post": "7"}
    }  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = tmp_path / "config.yml"
    config.write_text(f"embedded: {{path: {tmp_path}/feeds.db}}\n")
    return config


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Stores siblings."""

    async def put_(bucket: str, key: str, *values: bytes) -> None:
        store = EmbeddedStore(tmp_path / "feeds.db")
        for value in values:
            await store.put(bucket, key, value, None)
        await store.close()

    return put_


async def test_every_sibling_of_a_feed_is_shown_and_what_they_merge_to(run: Run, put: Put, config: Path) -> None:
    one = Feed.of(encode(1), {encode(3): payload("three"), encode(4): None})
    other = Feed.of(NO_ID, {encode(1): payload("one"), encode(4): payload("four", (b"\x01" * 16, b"\x02" * 16))})
    await put("notifications", "bob", FEED.encode(one), FEED.encode(other))
    done = await run("inspect", config, "notifications", "bob", "--json")
    found = json.loads(done.out)
    three = shown(3, "three")
    four = {**shown(4, "four"), "idempotency": ["01" * 16, "02" * 16]}
    assert done.code == 0
    assert found["siblings"] == [
        {"bytes": len(FEED.encode(one)), "floor": encode(1), "live": [three], "removed": [encode(4)]},
        {"bytes": len(FEED.encode(other)), "floor": None, "live": [four, shown(1, "one")], "removed": []},
    ]
    assert found["merged"] == {"floor": encode(1), "live": [three], "removed": [encode(4)]}


async def test_people_get_the_same_as_yaml(run: Run, put: Put, config: Path) -> None:
    await put("notifications", "bob", FEED.encode(Feed.of(NO_ID, {encode(3): payload("\x1b[31m“hi”")})))
    people = await run("inspect", config, "notifications", "bob")
    programs = await run("inspect", config, "notifications", "bob", "--json")
    assert yaml.safe_load(people.out) == json.loads(programs.out)
    assert "“hi”" in people.out
    assert "\x1b" not in people.out


async def test_what_does_not_decode_is_told_with_its_first_bytes(run: Run, put: Put, config: Path) -> None:
    whole = Feed.of(NO_ID, {encode(3): payload("three"), encode(4): b"\xc1junk"})
    await put("notifications", "bob", b"\xc1" * 100, FEED.encode(whole))
    broken, other = json.loads((await run("inspect", config, "notifications", "bob", "--json")).out)["siblings"]
    assert (broken["bytes"], broken["head"]) == (100, " ".join(["c1"] * 32))
    assert broken["undecodable"].startswith("not readable")
    assert (other["live"][0]["id"], other["live"][0]["head"]) == (encode(4), "c1 6a 75 6e 6b")
    assert other["live"][1] == shown(3, "three")


async def test_where_no_sibling_decodes_there_is_nothing_merged(run: Run, put: Put, config: Path) -> None:
    await put("cursors", "bob-notifications", b"junk")
    assert json.loads((await run("inspect", config, "cursors", "bob-notifications", "--json")).out)["merged"] is None


async def test_a_cursor_is_shown(run: Run, put: Put, config: Path) -> None:
    await put("cursors", "c", CURSOR.encode(Cursor("c", encode(7))), CURSOR.encode(Cursor("c")))
    found = json.loads((await run("inspect", config, "cursors", "c", "--json")).out)
    assert [sibling["value"] for sibling in found["siblings"]] == [encode(7), None]
    assert found["merged"] == {"key": "c", "value": encode(7)}


async def test_the_rule_book_is_shown(run: Run, put: Put, config: Path) -> None:
    book = RuleMap().put("like", encode(5), encode_rule(Rule(max_size=3))).put("share", encode(6), None)
    book = book.put("poke", encode(7), b"junk").put("comment", STANDING, encode_rule(Rule(match_on="post")))
    await put("rules", "rules", RULE_MAP.encode(book))
    rules = json.loads((await run("inspect", config, "rules", "rules", "--json")).out)["merged"]["rules"]
    assert [rule["category"] for rule in rules] == ["comment", "like", "poke", "share"]
    assert rules[0] == {"category": "comment", "stamp": None, "match_on": "post"}
    assert rules[1] == {"category": "like", "stamp": encode(5), "max_size": 3}
    assert rules[2]["head"] == "6a 75 6e 6b"
    assert rules[3] == {"category": "share", "stamp": encode(6), "removed": True}


async def test_a_running_service_is_not_disturbed(run: Run, client: NotificationClient, config: Path) -> None:
    await client.create("bob", "like", "hi")
    assert (await run("inspect", config, "notifications", "bob")).code == 0
    await client.create("bob", "like", "hi")
    assert len((await client.page("bob")).items) == 2


async def test_a_key_that_is_not_there_is_told(run: Run, put: Put, config: Path) -> None:
    await put("notifications", "bob", FEED.encode(Feed()))
    done = await run("inspect", config, "notifications", "alice")
    assert done == (1, "", "notification: nothing is stored under notifications/alice\n")


async def test_a_file_that_is_not_there_is_told_and_not_made(run: Run, config: Path, tmp_path: Path) -> None:
    done = await run("inspect", config, "notifications", "bob")
    assert done == (1, "", f"notification: {tmp_path}/feeds.db does not exist\n")
    assert not (tmp_path / "feeds.db").exists()


def test_a_configuration_that_can_not_be_used_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("nothing: 1\nserver: {port: x}\n")
    assert main(["inspect", str(config), "notifications", "bob"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.partition("line ")[0] for line in told] == [f"{config}: "] * 2
