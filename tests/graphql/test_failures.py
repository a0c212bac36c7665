"""Every failure is a GraphQL error with a code, REST's words, and nothing of what is inside."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from notification.http.keys import INBOX
from notification.storage.embedded.store import EmbeddedStore
from tests.graphql.conftest import ask, codes
from tests.http.conftest import Client, OpenClient

LIST = '{ notifications(username: "test") { id } }'
CREATE = 'mutation { createNotification(username: "test", notification: {category: "like", message: "m"}) { id } }'


async def test_a_feed_that_is_not_there_is_an_empty_list(client: Client) -> None:
    assert await ask(client, LIST) == {"data": {"notifications": []}}
    await client.post()
    await client.call("DELETE", "/v1/notifications/test")
    assert await ask(client, LIST) == {"data": {"notifications": []}}


@pytest.mark.parametrize(
    ("category", "message"), [("ab", "x" * 256), ("x" * 21, ""), ("like", ""), ("\ud800...", "m"), ("like", "\udfff")]
)
async def test_what_rest_refuses_is_refused_with_the_same_reasons(client: Client, category: str, message: str) -> None:
    sent: dict[str, Any] = {"category": category, "message": message, "properties": {"a": None, "b": [1]}}
    query = 'mutation($n: NotificationInput!) { createNotification(username: "test", notification: $n) { id } }'
    answer = await ask(client, query, n=sent)
    rest = await (await client.call("POST", "/v1/notifications/test", 422, json=sent)).json()
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "errors": rest["errors"]}
    assert answer["errors"][0]["message"] == rest["message"]


@pytest.mark.parametrize("rule", [{}, {"match_on": ""}, {"max_size": 0, "max_duration": "soon"}])
async def test_rules_are_refused_as_by_rest(client: Client, rule: dict[str, Any]) -> None:
    names = {"max_size": "maxSize", "max_duration": "maxDuration", "match_on": "matchOn"}
    sent = {names[name]: value for name, value in rule.items()}
    answer = await ask(client, 'mutation($r: RuleInput!) { createRule(category: "like", rule: $r) }', r=sent)
    async with client.http.put("/v1/rules/like", json=rule) as reply:
        rest = await reply.json()
    assert answer["errors"][0]["message"] == rest["message"]
    assert answer["errors"][0]["extensions"].get("errors") == rest.get("errors")
    assert codes(answer) == ["MALFORMED" if reply.status == 400 else "INVALID"]


async def test_names_and_ids_are_checked_as_by_rest(client: Client) -> None:
    assert codes(await ask(client, '{ notifications(username: "a/b") { id } }')) == ["MALFORMED"]
    assert codes(await ask(client, 'mutation { removeRule(category: "ab") }')) == ["MALFORMED"]
    remove = 'mutation($ids: [ID!]!) { removeNotification(username: "test", ids: $ids) }'
    answer = await ask(client, remove, ids=["x"] * 1001)
    assert answer["errors"][0]["extensions"]["errors"] == ["ids: at most 1000"]


@pytest.mark.parametrize(
    ("query", "variables"),
    [("{", {}), ("{ nothing }", {}), ("query($x: Int) { rules { category } }", {"x": "no"}),
     ("query($x: [Int]) { rules { category } }", {"x": "\ud800"}), (" ", {}), ("{a(b:" + "[" * 900, {}),
     ("type T { a: Int }", {}), ("{ rules { category } } { rules { category } }", {})],
)  # fmt: skip
async def test_what_graphql_itself_refuses_has_a_code_too(client: Client, query: str, variables: Any) -> None:
    async with client.http.post("/graphql", json={"query": query, "variables": variables}) as reply:
        answer = await reply.json()
    assert (reply.status, answer.get("code")) == (400, 400) or set(codes(answer)) == {"MALFORMED"}


async def test_a_store_that_can_not_be_written_is_unavailable(open_client: OpenClient, tmp_path: Path) -> None:
    client = await open_client("request_timeout: 100 ms")
    await client.post()
    other = sqlite3.connect(tmp_path / "feeds.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = await ask(client, CREATE)
    other.execute("ROLLBACK")
    other.close()
    assert codes(answer) == ["UNAVAILABLE"]
    assert "lock" not in json.dumps(answer)


async def test_a_corrupt_value_and_a_defect_are_internal_logged_and_not_told(client: Client, tmp_path: Path) -> None:
    async def defective(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("inside")

    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("notifications", "test", b"junk", None)
    await store.close()
    with capture_logs() as lines:
        corrupt = await ask(client, LIST)
        inbox: Any = client.application[INBOX]
        inbox._feeds.read = defective
        broken = await ask(client, LIST)
    assert codes(corrupt) == codes(broken) == ["INTERNAL"]
    assert corrupt["errors"][0]["message"] == broken["errors"][0]["message"] == "Internal server error"
    assert "inside" not in json.dumps(broken)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["request failed", "defect"]


async def test_one_field_that_fails_leaves_the_others(client: Client) -> None:
    answer = await ask(client, '{ rules { category } notifications(username: "a/b") { id } }')
    assert answer["data"] == {"rules": [], "notifications": None}
    assert answer["errors"][0]["path"] == ["notifications"]
