"""What the schema answers and changes."""

from typing import Any

import pytest

from siblings.ksuid import encode, is_id
from tests.graphql.conftest import ask, codes
from tests.http.conftest import Client, OpenClient

CREATE = 'mutation($n: NotificationInput!) { createNotification(username: "test", notification: $n) { %s } }'
LIST = '{ notifications(username: "test"%s) { id unseen notifications { id } } }'


async def listed(client: Client, arguments: str = "") -> Any:
    return (await ask(client, LIST % arguments))["data"]["notifications"]


async def ids(client: Client, arguments: str = "") -> list[str]:
    return [one["id"] for one in await listed(client, arguments)]


async def test_a_create_answers_the_notification(client: Client) -> None:
    fields = "id category message unseen createdAt properties notifications { id }"
    sent = {"category": "like", "message": "hi", "properties": {"post": 7}}
    created = (await ask(client, CREATE % fields, n=sent))["data"]["createNotification"]
    assert is_id(created.pop("id"))
    assert created == {
        "category": "like", "message": "hi", "unseen": True, "createdAt": "2026-11-22T08:38:04.000Z",
        "properties": {"post": "7"}, "notifications": [],
    }  # fmt: skip


async def test_a_create_without_properties_has_none(client: Client) -> None:
    answer = await ask(client, CREATE % "properties", n={"category": "like", "message": "hi"})
    assert answer["data"]["createNotification"]["properties"] == {}


async def test_numbers_and_booleans_in_a_map_become_their_text_literal_or_not(client: Client) -> None:
    literal = """mutation($e: Int) { createNotification(username: "test", notification:
        {category: "like", message: "m", properties: {a: 1.50, b: true, c: 7, d: "x", e: $e}}) { properties } }"""
    answer = await ask(client, literal, e=5)
    assert answer["data"]["createNotification"]["properties"] == {
        "a": "1.50",
        "b": "true",
        "c": "7",
        "d": "x",
        "e": "5",
    }
    answer = await ask(client, CREATE % "properties", n={"category": "like", "message": "m", "properties": {"a": 1.5}})
    assert answer["data"]["createNotification"]["properties"] == {"a": "1.5"}


@pytest.mark.parametrize(
    ("literal", "code"),
    [("[1]", "INVALID"), ("{a: [1]}", "INVALID"), ("{a: null}", "INVALID"), ("5", "INVALID"),
     ('{a: {b: "c"}}', "INVALID"), ("{a: $missing}", "INVALID"), ("{a: ENUM}", "MALFORMED")],
)  # fmt: skip
async def test_what_is_no_map_of_texts_is_refused(client: Client, literal: str, code: str) -> None:
    query = (
        f'mutation{"($missing: String)" if "$" in literal else ""} {{ createNotification(username: "test", '
        f'notification: {{category: "like", message: "m", properties: {literal}}}) {{ id }} }}'
    )
    assert codes(await ask(client, query)) == [code]
    await client.call("GET", "/v1/notifications/test", 404)


async def test_a_number_of_thousands_of_digits_is_refused(client: Client) -> None:
    query = (
        'mutation { createNotification(username: "test", notification: '
        f'{{category: "like", message: "m", properties: {{a: {"1" * 5000}}}}}) {{ id }} }}'
    )
    assert codes(await ask(client, query)) == ["MALFORMED"]


async def test_all_are_answered_where_first_is_absent(client: Client) -> None:
    made = [await client.post() for _ in range(30)][::-1]
    assert await ids(client) == made


async def test_first_and_after_cut_a_page(client: Client) -> None:
    made = [await client.post() for _ in range(5)][::-1]
    assert await ids(client, ", first: 2") == made[:2]
    assert await ids(client, f', first: 2, after: "{made[1]}"') == made[2:4]
    assert await ids(client, ", first: 5000") == made


@pytest.mark.parametrize("arguments", [", first: 0", ", first: -1", ', after: "x"', ', first: 0, after: ""'])
async def test_a_page_that_can_not_be_is_refused_with_every_reason(client: Client, arguments: str) -> None:
    await client.post()
    answer = await ask(client, LIST % arguments)
    assert codes(answer) == ["INVALID"]
    assert len(answer["errors"][0]["extensions"]["errors"]) == arguments.count(":")


async def test_reading_the_newest_moves_the_cursor_and_peeking_does_not(client: Client) -> None:
    await client.post()
    assert [one["unseen"] for one in await listed(client, ", peek: true")] == [True]
    assert [one["unseen"] for one in await listed(client)] == [True]
    assert [one["unseen"] for one in await listed(client)] == [False]


async def test_groups_have_their_notifications(client: Client) -> None:
    assert (await ask(client, 'mutation { createRule(category: "like", rule: {maxSize: 5}) }'))["data"]["createRule"]
    made = [await client.post() for _ in range(3)][::-1]
    assert await listed(client) == [
        {"id": made[0], "unseen": True, "notifications": [{"id": made[1]}, {"id": made[2]}]}
    ]


async def test_some_or_all_notifications_are_removed(client: Client) -> None:
    made = [await client.post() for _ in range(3)]
    remove = 'mutation($ids: [ID!]!) { removeNotification(username: "test", ids: $ids) }'
    assert (await ask(client, remove, ids=[made[1], encode(5), "x"]))["data"] == {"removeNotification": True}
    assert await ids(client) == [made[2], made[0]]
    answer = await ask(client, 'mutation { removeAllNotifications(username: "test") }')
    assert answer["data"] == {"removeAllNotifications": True}
    await client.call("GET", "/v1/notifications/test", 404)


async def test_rules_are_made_shown_and_removed(open_client: OpenClient) -> None:
    client = await open_client("rules: {comment: {max_duration: 1h}, share: {match_on: post}}")
    await ask(client, 'mutation { createRule(category: "like", rule: {maxSize: 3, maxDuration: "2h"}) }')
    await ask(client, 'mutation { removeRule(category: "share") }')
    answer = await ask(client, "{ rules { category rule { maxSize maxDuration matchOn } } }")
    assert answer["data"]["rules"] == [
        {"category": "comment", "rule": {"maxSize": None, "maxDuration": "1 hour", "matchOn": None}},
        {"category": "like", "rule": {"maxSize": 3, "maxDuration": "2 hours", "matchOn": None}},
    ]
    assert (await ask(client, "mutation { removeAllRules }"))["data"] == {"removeAllRules": True}
    assert await ask(client, "{ rules { category } }") == {"data": {"rules": []}}


async def test_every_field_and_type_says_what_it_is(client: Client) -> None:
    query = "{ __schema { types { name description fields { name description } } } }"
    types = (await ask(client, query))["data"]["__schema"]["types"]
    ours = [one for one in types if not one["name"].startswith("__")]
    assert [one["name"] for one in ours if not one["description"]] == []
    roots = [field for one in ours if one["name"] in ("Query", "Mutation") for field in one["fields"]]
    assert len(roots) == 8
    assert all(field["description"] for field in roots)
