"""`/v1/rules`, and how rules affect feeds."""

from typing import Any

import pytest

from tests.http.conftest import Client, Clock, OpenClient
from tests.waiting import until

RULES_IN_FILE = """
rules:
  like: {max-size: 2, max_duration: 12h}
  comment: {match_on: post}
"""


async def put(client: Client, category: str, **rule: Any) -> None:
    await client.call("PUT", f"/v1/rules/{category}", json=rule)


async def rules(client: Client) -> Any:
    return await (await client.call("GET", "/v1/rules", 200)).json()


async def groups(client: Client, wanted: str = "id; max=100") -> list[int]:
    """Return the number of nested notifications of each group."""
    return [len(item.get("notifications", [])) for item in await client.items(wanted)]


async def test_a_rule_is_shown_as_it_was_put_without_what_it_lacks(client: Client) -> None:
    await put(client, "like", max_size=3, max_duration="1h")
    await put(client, "comment", match_on="post")
    assert await rules(client) == {"comment": {"match_on": "post"}, "like": {"max_size": 3, "max_duration": "1 hour"}}


async def test_the_list_of_rules_is_not_cached(client: Client) -> None:
    await put(client, "like", max_size=3)
    reply = await client.call("GET", "/v1/rules", 200)
    assert reply.headers["Cache-Control"] == "no-cache, no-store, no-transform, must-revalidate"


async def test_no_rules_are_an_empty_object(client: Client) -> None:
    assert await rules(client) == {}


async def test_a_rule_put_again_is_replaced_whole(client: Client) -> None:
    await put(client, "like", max_size=3)
    await put(client, "like", match_on="post")
    assert await rules(client) == {"like": {"match_on": "post"}}


async def test_a_removed_rule_is_gone_and_removing_it_again_no_error(client: Client) -> None:
    await put(client, "like", max_size=3)
    await put(client, "comment", max_size=3)
    for _ in range(2):
        await client.call("DELETE", "/v1/rules/like")
    assert list(await rules(client)) == ["comment"]


async def test_removing_all_rules_leaves_none(client: Client) -> None:
    await put(client, "like", max_size=3)
    for _ in range(2):
        await client.call("DELETE", "/v1/rules")
    assert await rules(client) == {}


async def test_rules_of_the_configuration_hold_until_requests_say_otherwise(open_client: OpenClient) -> None:
    client = await open_client(RULES_IN_FILE)
    assert await rules(client) == {"comment": {"match_on": "post"}, "like": {"max_size": 2, "max_duration": "12 hours"}}
    await put(client, "like", max_size=9)
    await client.call("DELETE", "/v1/rules/comment")
    assert await rules(client) == {"like": {"max_size": 9}}


async def test_removals_of_configured_rules_survive_a_restart(open_client: OpenClient) -> None:
    await (await open_client(RULES_IN_FILE)).call("DELETE", "/v1/rules")
    assert await rules(await open_client(RULES_IN_FILE)) == {}


async def test_another_process_takes_a_rule_over_within_the_timeout(open_client: OpenClient) -> None:
    one, other = await open_client(), await open_client("rule_cache_timeout: 50 ms")
    assert await rules(other) == {}
    await put(one, "like", max_size=3)

    async def is_there() -> bool:
        async with other.http.get("/v1/rules") as reply:
            return reply.status == 200

    await until(is_there)


async def test_a_rule_applies_at_once_to_what_is_stored(client: Client) -> None:
    for _ in range(9):
        await client.post()
    assert await groups(client) == [0] * 9
    await put(client, "like", max_size=2)
    assert await groups(client) == [2, 2, 2]


async def test_size_three_within_twenty_minutes_over_steps_of_five(client: Client, clock: Clock) -> None:
    await put(client, "like", max_size=3, max_duration="20 minutes")
    for _ in range(9):
        await client.post()
        clock.advance(300)
    assert await groups(client) == [3, 3, 0]


async def test_matching_on_a_property_leaves_those_without_it_alone(client: Client) -> None:
    await put(client, "like", match_on="post")
    for properties in ({"post": "b"}, {"post": "a"}, {}, {"user": "a"}, {"post": "b"}, {"post": "a"}):
        await client.post(properties=properties)
    assert await groups(client) == [1, 1, 0, 0]


async def test_nested_ones_have_the_same_shape_and_the_key_is_there_only_where_there_are_any(client: Client) -> None:
    await put(client, "like", max_size=2)
    ids = [await client.post(properties={"a": "b"}) for _ in range(4)]
    first, second = await client.items()
    assert [one["id"] for one in first["notifications"]] == [ids[2], ids[1]]
    assert list(first["notifications"][0]) == ["id", "category", "message", "created_at", "unseen", "properties"]
    assert "notifications" not in second


async def test_what_was_seen_is_not_pulled_into_an_unseen_group(client: Client) -> None:
    await put(client, "like", max_size=10)
    await client.post()
    await client.post()
    await client.items()
    await client.post()
    assert await groups(client) == [0, 1]


async def test_a_group_counts_as_one_on_a_page(client: Client) -> None:
    await put(client, "like", max_size=1)
    for _ in range(50):
        await client.post()
    assert await groups(client, "") == [1] * 20


async def test_a_nested_one_can_be_removed_alone(client: Client) -> None:
    await put(client, "like", max_size=5)
    ids = [await client.post() for _ in range(3)]
    await client.remove(ids[1])
    assert await groups(client) == [1]


@pytest.mark.parametrize("body", [{}, {"match_on": ""}, {"unknown": 1}])
async def test_a_rule_that_says_nothing_is_refused(client: Client, body: object) -> None:
    await client.call("PUT", "/v1/rules/like", 400, json=body)
    assert await rules(client) == {}


async def test_every_reason_is_told_of_a_wrong_rule(client: Client) -> None:
    body = {"max_size": 0, "max_duration": "soon", "match_on": 5}
    reply = await client.call("PUT", "/v1/rules/like", 422, json=body)
    errors = (await reply.json())["errors"]
    assert [error.split(":")[0] for error in errors] == ["max_size", "max_duration", "match_on"]


@pytest.mark.parametrize("category", ["ab", "x" * 21])
async def test_a_category_of_another_length_is_refused(client: Client, category: str) -> None:
    await client.call("PUT", f"/v1/rules/{category}", 400, json={"max_size": 1})
    await client.call("DELETE", f"/v1/rules/{category}", 400)


async def test_any_text_may_be_a_category(client: Client) -> None:
    await put(client, "%2Fa%20b%C3%A9", max_size=1)
    assert list(await rules(client)) == ["/a bé"]


async def test_more_categories_than_the_rule_book_holds_are_refused(open_client: OpenClient) -> None:
    many = "\n".join(f"  category-{number}: {{max_size: 1}}" for number in range(1000))
    client = await open_client(f"rules:\n{many}")
    reply = await client.call("PUT", "/v1/rules/one-more", 422, json={"max_size": 1})
    assert "1000" in (await reply.json())["message"]
    await put(client, "category-5", max_size=2)
    await client.call("DELETE", "/v1/rules")
    await put(client, "one-more", max_size=1)


@pytest.mark.parametrize("text", ["90 min", "90min", "90 mins", "90 minutes", "90m"])
async def test_a_duration_is_accepted_as_a_dropwizard_service_writes_it(client: Client, text: str) -> None:
    await put(client, "like", max_duration=text)
    assert await rules(client) == {"like": {"max_duration": "90 minutes"}}
