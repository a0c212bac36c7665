"""What every reply contains, what is logged about it, and how failures are reported."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from yarl import URL

from notification.http.keys import INBOX
from notification.storage.embedded.store import EmbeddedStore
from siblings import FEED, RULE_MAP, Feed, RuleMap
from siblings.ksuid import NO_ID, encode
from tests.http.conftest import Client, OpenClient
from tests.http.raw import connected

BODY = {"category": "like", "message": "hi"}


def is_uuid(text: str) -> bool:
    """Whether it is a random UUID as every language writes it."""
    return UUID(text).version == 4 and str(UUID(text)) == text


@pytest.mark.parametrize(("path", "status"), [("/ping", 200), ("/nowhere", 404), ("/v1/notifications/ada", 404)])
async def test_every_reply_has_the_same_headers(client: Client, path: str, status: int) -> None:
    headers = (await client.call("GET", path, status)).headers
    assert is_uuid(headers["X-Request-Id"])
    assert 0 <= float(headers["X-Runtime"]) < 10
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "deny")


@pytest.mark.parametrize("given", ["a", "caller's id #7", "x" * 128])
async def test_the_callers_request_id_is_given_back(client: Client, given: str) -> None:
    reply = await client.call("GET", "/ping", 200, headers={"X-Request-Id": given})
    assert reply.headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "é", "a\tb"])
async def test_an_unusable_request_id_is_replaced(client: Client, given: str) -> None:
    reply = await client.call("GET", "/ping", 200, headers={"X-Request-Id": given})
    assert is_uuid(reply.headers["X-Request-Id"])


async def test_ping_and_version_are_text(client: Client) -> None:
    ping, version = await client.call("GET", "/ping", 200), await client.call("GET", "/version", 200)
    assert (await ping.text(), ping.content_type, version.content_type) == ("pong", "text/plain", "text/plain")
    assert await version.text() == "0.1.0"


async def test_a_request_is_one_line_in_the_log_without_what_the_notification_says(client: Client) -> None:
    with capture_logs() as lines:
        await client.post("bob", message="private", properties={"secret": "hidden"})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"]) == ("POST", "/v1/notifications/{username}")
    assert (line["status"], line["username"]) == (201, "bob")
    assert line["duration"] > 0
    assert not {"private", "secret", "hidden"} & set(json.dumps(lines).replace('"', " ").split())


async def test_requests_are_not_logged_where_the_configuration_says_so(open_client: OpenClient) -> None:
    client = await open_client("logging: {requests: false}")
    with capture_logs() as lines:
        await client.post()
    assert lines == []


async def test_a_share_of_the_requests_is_logged_and_every_failure(open_client: OpenClient, tmp_path: Path) -> None:
    client = await open_client("logging: {sample_rate: 0.000001}")
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("notifications", "test", b"junk", None)
    await store.close()
    with capture_logs() as lines:
        for _ in range(5):
            await client.call("GET", "/ping", 200)
            await client.call("GET", "/v1/notifications/other", 404)
        await client.call("GET", "/v1/notifications/test", 500)
    assert [line["status"] for line in lines if line["event"] == "request"] == [500]


@pytest.mark.parametrize("name", ["ada", "%61da", "ada%20l", "Zoë"])
async def test_hot_and_other_spellings_of_a_path_are_served_alike(client: Client, name: str) -> None:
    """A plain username is served without the router; an encoded username is served by the router."""
    made = await client.call("POST", URL(f"/v1/notifications/{name}", encoded="%" in name), 201, json=BODY)
    with capture_logs() as lines:
        page = await client.call("GET", URL(made.headers["Location"]).relative(), 200)
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["route"], line["username"]) == ("/v1/notifications/{username}", unquote(name))
    assert all(
        name in page.headers for name in ("X-Request-Id", "X-Runtime", "X-Frame-Options", "ETag", "X-Total-Count")
    )
    assert page.headers["Server"] == "notification"


async def test_a_corrupt_value_is_500_logged_and_left_as_it_is(client: Client, tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("notifications", "test", b"junk", None)
    body: dict[str, Any] = {"json": {"category": "like", "message": "hi"}}
    with capture_logs() as lines:
        reply = await client.call("GET", "/v1/notifications/test", 500)
        await client.call("POST", "/v1/notifications/test", 500, **body)
    assert await reply.json() == {"code": 500, "message": "Internal server error"}
    assert {"bucket": "notifications", "key": "test"}.items() <= lines[0].items()
    assert (await store.fetch("notifications", "test") or ((),))[0] == (b"junk",)
    await store.close()


async def test_a_corrupt_payload_is_500(client: Client, tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("notifications", "test", FEED.encode(Feed.of(NO_ID, {encode(5): b"junk"})), None)
    await store.close()
    await client.call("GET", "/v1/notifications/test", 500)


async def test_a_corrupt_rule_is_500(client: Client, tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("rules", "rules", RULE_MAP.encode(RuleMap().put("like", encode(5), b"junk")), None)
    await store.close()
    await client.call("GET", "/v1/rules", 500)


async def test_a_store_that_can_not_be_written_is_503_with_retry_after(open_client: OpenClient, tmp_path: Path) -> None:
    client = await open_client("request_timeout: 100 ms")
    await client.post()
    other = sqlite3.connect(tmp_path / "feeds.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    body = {"category": "like", "message": "hi"}
    reply = await client.call("POST", "/v1/notifications/test", 503, json=body)
    assert int(reply.headers["Retry-After"]) >= 1
    assert "lock" not in await reply.text()
    reply = await client.call("GET", "/v1/notifications/test", 200)
    assert [item["unseen"] for item in await reply.json()] == [True], "reading works, though no cursor can move"
    other.execute("ROLLBACK")
    other.close()
    await client.call("POST", "/v1/notifications/test", 201, json=body)


async def test_a_defect_is_500_without_a_trace_of_it(client: Client) -> None:
    async def defective(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("inside")

    inbox: Any = client.application[INBOX]
    inbox._feeds.read = defective
    with capture_logs() as lines:
        reply = await client.call("GET", "/v1/notifications/test", 500)
    assert "inside" not in await reply.text()
    assert any(line["event"] == "defect" for line in lines)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/ping", 200), ("GET", "/nowhere", 404),
                                                        ("PUT", "/v1/rules", 405), ("GET", "/v1/notifications/a", 404),
                                                        ("DELETE", "/v1/rules/x", 400)])  # fmt: skip
async def test_no_reply_names_a_version_and_no_error_is_cached(
    client: Client, method: str, path: str, status: int
) -> None:
    reply = await client.call(method, path, status)
    assert reply.headers["Server"] == "notification"
    assert "no-store" in reply.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/v1/notifications/ada", "/v1/notifications/ada/", "/v1/rules"])
async def test_a_client_that_waits_with_its_body_is_asked_for_it(client: Client, path: str) -> None:
    body = json.dumps(BODY).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
    async with connected(client) as (reader, writer), asyncio.timeout(10):
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await reader.readline()).startswith(b"HTTP/1.1 20" if "ada" in path else b"HTTP/1.1 4")


@pytest.mark.parametrize("path", ["/ping", "/nowhere", "/v1/notifications/ada", "/v1/notifications/ada/count"])
async def test_what_is_refused_before_any_handler_has_the_same_headers(client: Client, path: str) -> None:
    async with client.http.get(path, headers={"Expect": "miracles"}) as reply:
        assert reply.status == 417
        assert reply.headers["X-Request-Id"]
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
