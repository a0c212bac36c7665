"""An unexpected exception fails the request that causes it, and no other request."""

import asyncio
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from notification.domain.idempotency import idempotency
from notification.storage.embedded.store import EmbeddedStore
from siblings import FEED, Feed
from siblings.ksuid import NO_ID, encode
from tests.http.conftest import Client, OpenClient

BODY = {"category": "like", "message": "hi"}


async def damage(tmp_path: Path, username: str, key: str) -> None:
    """Give the user a notification that can't be decoded; only requests with the idempotency key decode it."""
    hashes = idempotency(key, BODY["category"], BODY["message"], {})
    store = EmbeddedStore(tmp_path / "feeds.db")
    value = FEED.encode(Feed(NO_ID, {encode(1): b"\xc1\x02\xc4\x10" + hashes.key + b"\xc4\x10" + hashes.body}))
    await store.put("notifications", username, value, None)
    await store.close()


async def create(client: Client, key: str | None = None) -> int:
    headers = {"Idempotency-Key": key} if key else {}
    async with client.http.post("/v1/notifications/ada", json=BODY, headers=headers) as reply:
        return reply.status


def traces(lines: list[Any]) -> list[Any]:
    return [line["exc_info"] for line in lines if line["log_level"] == "error"]


async def test_one_request_with_a_defect_fails_alone_and_is_logged(open_client: OpenClient, tmp_path: Path) -> None:
    client = await open_client()
    await damage(tmp_path, "ada", "k")
    with capture_logs() as lines:
        codes = await asyncio.gather(*(create(client, "k" if number == 5 else None) for number in range(20)))
    assert [number for number, code in enumerate(codes) if code != 201] == [5]
    assert codes[5] == 500
    assert [line["event"] for line in lines if "exc_info" in line][-1] == "defect"
    assert len(traces(lines)) <= 2


async def test_a_defect_of_one_user_is_that_users_result_in_a_fan_out(open_client: OpenClient, tmp_path: Path) -> None:
    client = await open_client()
    await damage(tmp_path, "ada", "k")
    await damage(tmp_path, "bob", "k")
    body = {**BODY, "usernames": ["grace", "ada", "joan", "bob"]}
    with capture_logs() as lines:
        reply = await client.call("POST", "/v1/notifications", 200, json=body, headers={"Idempotency-Key": "k"})
    answer = await reply.json()
    assert (answer["created"], answer["failed"]) == (2, 2)
    assert [result.get("code") for result in answer["results"]] == [None, 500, None, 500]
    assert answer["results"][1]["message"] == "Internal server error"
    assert len(traces(lines)) == 1
    for username in ("grace", "joan"):
        assert len(await client.ids(username=username)) == 1
