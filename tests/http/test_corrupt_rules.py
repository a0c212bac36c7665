"""A corrupt rule map: the service still serves feeds, and removing rules makes the map readable."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgpack
import pytest
from structlog.testing import capture_logs

from notification.domain.model import Rule
from notification.domain.payload import encode_rule
from notification.storage.embedded.store import EmbeddedStore
from siblings import RULE_MAP, RuleMap
from siblings.ksuid import NO_ID, encode
from tests.http.conftest import Client, OpenClient

LIKE = RuleMap().put("like", encode(5), encode_rule(Rule(2))).put("comment", encode(6), encode_rule(Rule(3)))
WITH_A_CORRUPT_RULE = RULE_MAP.encode(LIKE.put("share", encode(7), b"junk"))
CORRUPT = pytest.mark.parametrize("stored", [b"junk", WITH_A_CORRUPT_RULE], ids=["the book", "one rule"])


@pytest.fixture
async def store(client: Client, tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "feeds.db")
    yield store
    await store.close()


async def stored_values(store: EmbeddedStore) -> tuple[bytes, ...]:
    return (await store.fetch("rules", "rules") or ((),))[0]


@CORRUPT
async def test_feeds_are_served_without_rules_and_the_log_says_so_once(
    client: Client, store: EmbeddedStore, stored: bytes
) -> None:
    await store.put("rules", "rules", stored, None)
    with capture_logs() as lines:
        for _ in range(3):
            await client.post()
            assert all("notifications" not in item for item in await client.items())
        await client.call("GET", "/v1/notifications/test/count", 200)
    assert [line["log_level"] for line in lines if line["event"] == "feeds are served without rules"] == ["warning"]


@CORRUPT
async def test_the_rules_are_500_meanwhile(client: Client, store: EmbeddedStore, stored: bytes) -> None:
    await store.put("rules", "rules", stored, None)
    await client.post()
    for _ in range(2):
        await client.items()
        await client.call("GET", "/v1/rules", 500)


async def test_putting_a_rule_replaces_nothing_that_is_corrupt(client: Client, store: EmbeddedStore) -> None:
    await store.put("rules", "rules", b"junk", None)
    await client.call("PUT", "/v1/rules/like", 500, json={"max_size": 1})
    assert await stored_values(store) == (b"junk",)


@CORRUPT
async def test_removing_all_rules_works_and_others_can_be_made_then(
    client: Client, store: EmbeddedStore, stored: bytes
) -> None:
    await store.put("rules", "rules", stored, None)
    await client.call("DELETE", "/v1/rules", 204)
    assert await (await client.call("GET", "/v1/rules", 200)).json() == {}
    await client.call("PUT", "/v1/rules/like", 204, json={"max_size": 1})
    assert await (await client.call("GET", "/v1/rules", 200)).json() == {"like": {"max_size": 1}}


async def test_removing_one_rule_keeps_what_can_be_read(client: Client, store: EmbeddedStore) -> None:
    await store.put("rules", "rules", RULE_MAP.encode(LIKE), None)
    await store.put("rules", "rules", b"junk", None)
    with capture_logs() as lines:
        await client.call("DELETE", "/v1/rules/comment", 204)
    assert {"event": "corrupt value replaced", "kept": 1}.items() <= lines[1].items()
    assert await (await client.call("GET", "/v1/rules", 200)).json() == {"like": {"max_size": 2}}
    assert b"junk" not in await stored_values(store)


async def test_removing_the_one_corrupt_rule_keeps_the_others(client: Client, store: EmbeddedStore) -> None:
    await store.put("rules", "rules", WITH_A_CORRUPT_RULE, None)
    await client.call("DELETE", "/v1/rules/like", 204)
    await client.call("GET", "/v1/rules", 500)
    await client.call("DELETE", "/v1/rules/share", 204)
    assert await (await client.call("GET", "/v1/rules", 200)).json() == {"comment": {"max_size": 3}}


async def test_rules_of_the_configuration_hold_again_once_the_book_can_be_read(
    open_client: OpenClient, tmp_path: Path
) -> None:
    client = await open_client("rules: {like: {max_size: 5}}")
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("rules", "rules", b"junk", None)
    await client.call("DELETE", "/v1/rules/comment", 204)
    assert await (await client.call("GET", "/v1/rules", 200)).json() == {"like": {"max_size": 5}}
    await store.close()


@pytest.mark.parametrize("character", ["x", "é", "😀"])
async def test_match_on_is_limited_in_bytes(client: Client, character: str) -> None:
    fits = character * (255 // len(character.encode()))
    await client.call("PUT", "/v1/rules/like", 204, json={"match_on": fits})
    reply = await client.call("PUT", "/v1/rules/like", 422, json={"match_on": fits + character})
    assert (await reply.json())["errors"] == ["match_on: at most 255 bytes in UTF-8"]


async def test_a_book_that_is_full_takes_no_more_until_some_of_it_is_replaced(
    client: Client, store: EmbeddedStore
) -> None:
    large = encode_rule(Rule(match_on="x" * 4096))
    book = RuleMap()
    for number in range(260):
        book = book.put(f"old-{number}", encode(number + 1), large)
    await store.put("rules", "rules", RULE_MAP.encode(book), None)
    reply = await client.call("PUT", "/v1/rules/like", 422, json={"max_size": 1})
    assert "bytes" in (await reply.json())["message"]
    for number in range(10):
        await client.call("PUT", f"/v1/rules/old-{number}", 204, json={"max_size": 1})
    await client.call("PUT", "/v1/rules/like", 204, json={"max_size": 1})


def test_as_many_of_the_largest_rules_as_are_allowed_take_a_fraction_of_what_may_be_stored() -> None:
    book = RuleMap(NO_ID)
    largest = encode_rule(Rule(2**31 - 1, None, "😀" * 63))
    for number in range(1000):
        book = book.put(f"{number:04}" + "😀" * 16, encode(number + 1), largest)
    assert len(msgpack.packb([1, book.floor, dict(book.entries)])) < 512 * 1024
    assert RULE_MAP.decode(RULE_MAP.encode(book)) == book
