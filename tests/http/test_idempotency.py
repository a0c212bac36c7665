"""Creates that can be repeated safely, and fan-out."""

import asyncio
from typing import Any

import pytest

from siblings.ksuid import is_id
from tests.http.conftest import Client, OpenClient

BODY = {"category": "like", "message": "hi", "properties": {"a": "b"}}


async def create(client: Client, key: str, expect: int = 201, **body: Any) -> tuple[str | None, bool]:
    """Return the id, and whether the reply was replayed."""
    headers = {"Idempotency-Key": key}
    reply = await client.call("POST", "/v1/notifications/test", expect, json={**BODY, **body}, headers=headers)
    return (await reply.json()).get("id"), reply.headers.get("Idempotent-Replayed") == "true"


async def fan_out(client: Client, usernames: list[Any], key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    reply = await client.call("POST", "/v1/notifications", 200, json={**BODY, "usernames": usernames}, headers=headers)
    return await reply.json()


async def test_the_same_key_again_gives_the_first_result(client: Client) -> None:
    headers = {"Idempotency-Key": "k"}
    replies = [await client.call("POST", "/v1/notifications/test", 201, json=BODY, headers=headers) for _ in range(2)]
    assert await replies[0].json() == await replies[1].json()
    assert ["Idempotent-Replayed" in reply.headers for reply in replies] == [False, True]
    assert len(await client.ids()) == 1


async def test_the_same_key_with_another_body_is_refused(client: Client) -> None:
    first, _ = await create(client, "k")
    await create(client, "k", 422, message="other")
    assert await client.ids() == [first]


async def test_what_is_ignored_in_a_body_makes_it_no_other(client: Client) -> None:
    first, _ = await create(client, "k")
    assert await create(client, "k", ignored="x", id="y") == (first, True)


async def test_other_keys_and_no_key_make_others(client: Client) -> None:
    await create(client, "k")
    await create(client, "l")
    await client.post()
    assert len(await client.ids()) == 3


async def test_keys_of_different_users_do_not_meet(client: Client) -> None:
    await create(client, "k")
    headers = {"Idempotency-Key": "k"}
    reply = await client.call("POST", "/v1/notifications/other", 201, json=BODY, headers=headers)
    assert "Idempotent-Replayed" not in reply.headers


async def test_another_process_knows_the_key(open_client: OpenClient) -> None:
    one, other = await open_client(), await open_client()
    first, _ = await create(one, "k")
    assert await create(other, "k") == (first, True)


async def test_fifty_at_once_through_four_processes_make_one(open_client: OpenClient) -> None:
    clients = [await open_client() for _ in range(4)]
    await asyncio.gather(*(create(clients[number % 4], "k") for number in range(50)))
    lists = [await client.ids() for client in clients]
    assert len(lists[0]) == 1
    assert all(listed == lists[0] for listed in lists)
    assert (await create(clients[0], "k")) == (lists[0][0], True)
    await create(clients[3], "k", 422, message="other")


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
async def test_an_unusable_key_is_refused(client: Client, key: str) -> None:
    await create(client, key, 400)
    await client.call("GET", "/v1/notifications/test", 404)


async def test_a_fan_out_creates_for_all_and_says_which_failed_in_order(client: Client) -> None:
    good = [f"user-{number}" for number in range(990)]
    usernames: list[Any] = list(good)
    for place in range(10):
        usernames.insert(place * 97, ["a\n", "", "x" * 129, 5, None, ["a"], {}, "..", "a/b", True][place])
    answer = await fan_out(client, usernames)
    assert (answer["created"], answer["failed"]) == (990, 10)
    assert [result["username"] for result in answer["results"]] == usernames
    assert all(is_id(result["id"]) for result in answer["results"] if result["username"] in good)
    failed = [result for result in answer["results"] if "id" not in result]
    assert all(result["code"] == 400 and result["message"].startswith("username: ") for result in failed)
    assert len(await client.ids(username="user-989")) == 1


async def test_a_fan_out_repeated_with_its_key_creates_only_what_is_missing(client: Client) -> None:
    half = await fan_out(client, ["a", "b"], "k")
    whole = await fan_out(client, ["a", "b", "c", "d"], "k")
    assert whole["results"][:2] == half["results"]
    assert whole["created"] == 4
    for username in "abcd":
        assert len(await client.ids(username=username)) == 1


async def test_a_name_that_is_there_twice_gets_one(client: Client) -> None:
    answer = await fan_out(client, ["a", "b", "a"])
    assert answer["results"][0] == answer["results"][2]
    assert [result["username"] for result in answer["results"]] == ["a", "b", "a"]
    assert (answer["created"], answer["failed"]) == (2, 0)
    assert len(await client.ids(username="a")) == 1


async def test_two_spellings_of_a_name_get_one(client: Client) -> None:
    answer = await fan_out(client, ["Zo\u00eb", "Zoe\u0308"])
    assert answer["results"][0]["id"] == answer["results"][1]["id"]
    assert (answer["created"], answer["failed"]) == (1, 0)
    assert len(await client.ids(username="Zo\u00eb")) == 1


async def test_a_bad_name_that_is_there_twice_fails_once(client: Client) -> None:
    answer = await fan_out(client, ["a/b", "b", "a/b"])
    assert answer["results"][0] == answer["results"][2]
    assert (answer["created"], answer["failed"]) == (1, 1)


@pytest.mark.parametrize("usernames", [None, [], "text", ["a"] * 1001])
async def test_a_fan_out_to_nobody_or_too_many_is_refused(client: Client, usernames: object) -> None:
    reply = await client.call("POST", "/v1/notifications", 422, json={**BODY, "usernames": usernames})
    assert (await reply.json())["errors"][0].startswith("usernames: ")


async def test_a_fan_out_of_what_is_not_allowed_is_refused_with_every_reason(client: Client) -> None:
    body = {"usernames": ["a"], "category": "x", "message": ""}
    reply = await client.call("POST", "/v1/notifications", 422, json=body)
    assert len((await reply.json())["errors"]) == 2
    await client.call("GET", "/v1/notifications/a", 404)


@pytest.mark.parametrize("name", ["\\ud800", "1" * 400, "[" * 300 + "]" * 300, "1.5", "1e999"])
async def test_a_name_that_can_not_be_said_in_a_reply_is_no_defect(client: Client, name: str) -> None:
    sent = f'"{name}"' if name.startswith("\\") else name
    body = f'{{"category": "like", "message": "hi", "usernames": [{sent}, "ada"]}}'
    reply = await client.call("POST", "/v1/notifications", 200, data=body, headers={"Content-Type": "application/json"})
    answer = await reply.json()
    assert (answer["created"], answer["results"][0]["code"]) == (1, 400)
