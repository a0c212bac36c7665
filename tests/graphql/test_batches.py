"""A batch is an array of requests: an array of results in the same order, with the limits of one document in total."""

import asyncio
from typing import Any

import pytest
from graphql import get_introspection_query

from notification.http.graphql.limits import MAX_ALIASES, MAX_BATCH, MAX_DOCUMENT
from tests.graphql.conftest import codes
from tests.http.conftest import Client

PING = {"query": "{ __typename }"}
LIST = {"query": '{ notifications(username: "test", first: 20) { message } }'}


def create(message: str) -> dict[str, Any]:
    query = 'mutation($n: NotificationInput!) { createNotification(username: "test", notification: $n) { message } }'
    return {"query": query, "variables": {"n": {"category": "like", "message": message}}}


async def send(client: Client, batch: list[Any]) -> Any:
    """The results of a batch."""
    return await (await client.call("POST", "/graphql", 200, json=batch)).json()


async def test_the_results_come_in_the_order_of_the_requests(client: Client) -> None:
    named = {"query": "query A { __typename } query B { kind: __typename }", "operationName": "B"}
    assert await send(client, [PING, named, LIST]) == [
        {"data": {"__typename": "Query"}},
        {"data": {"kind": "Query"}},
        {"data": {"notifications": []}},
    ]


async def test_each_request_runs_after_the_one_before_it(client: Client) -> None:
    results = await send(client, [create("one"), LIST, create("two"), create("three"), LIST])
    assert [one["message"] for one in results[1]["data"]["notifications"]] == ["one"]
    assert [one["message"] for one in results[4]["data"]["notifications"]] == ["three", "two", "one"]


@pytest.mark.parametrize(
    "wrong",
    [{"query": "{"}, {"query": "{ nothing }"}, {"query": "query A { __typename }", "operationName": "B"},
     {"query": "query($n: Int!) { __typename }"}, {"query": 'subscription { feed(username: "a") { kind } }'},
     {"query": "{a" * 500}],
)  # fmt: skip
async def test_a_document_that_is_wrong_leaves_the_others(client: Client, wrong: Any) -> None:
    first, failed, last = await send(client, [create("one"), wrong, PING])
    assert (first["data"]["createNotification"], last) == ({"message": "one"}, {"data": {"__typename": "Query"}})
    assert (failed["data"], codes(failed)) == (None, ["MALFORMED"])


@pytest.mark.parametrize(
    ("batch", "reasons"),
    [([], ["batch: List should have at least 1 item after validation, not 0"]),
     ([create("one"), {"query": 5}, {}, 7],
      ["batch.1.query: Input should be a valid string", "batch.2.query: Field required",
       "batch.3: Input should be a valid dictionary or instance of GraphQLRequest"])],
)  # fmt: skip
async def test_an_empty_or_invalid_batch_is_refused_with_every_reason(
    client: Client, batch: list[Any], reasons: list[str]
) -> None:
    refused = await (await client.call("POST", "/graphql", 422, json=batch)).json()
    assert refused["errors"] == reasons
    assert await send(client, [LIST]) == [{"data": {"notifications": []}}]


async def test_a_batch_of_too_many_requests_is_refused(client: Client) -> None:
    assert len(await send(client, [PING] * MAX_BATCH)) == MAX_BATCH
    await client.call("POST", "/graphql", 422, json=[PING] * (MAX_BATCH + 1))
    await client.call("POST", "/graphql", 422, json=[[PING]])


ALL = '{ notifications(username: "test") { id } }'
BOMB = "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
TOO_MUCH = {
    "characters": [{"query": "{ __typename }".ljust(MAX_DOCUMENT // 2)}] * 2 + [PING],
    "tokens": [{"query": "{ __typename" + " @skip(if: false)" * 70 + "}"}] * 3,
    "tokens of a document that does not parse": [{"query": "{ " + ") " * 500}] * 3,
    "aliases": [{"query": "{" + " ".join(f"a{n}: __typename" for n in range(8)) + "}"}] * 2,
    "repeated fields": [{"query": "{ rules { category } __typename }"}] * (MAX_ALIASES // 2 + 2),
    "fields": [{"query": get_introspection_query()}, {"query": "{ rules {" + " category" * 100 + "} }"}],
    "fragments": [PING, {"query": BOMB + " fragment F40 on Query { __typename }"}],
    "depth": [PING, {"query": "{ notifications" * 30 + "{ id }" + " }" * 30}],
    "notifications": [{"query": ALL}] * 3,
    "notifications by a variable": [
        {"query": "query($n: Int) { notifications(username: \"test\", first: $n) { id } }", "variables": {"n": 999}}
    ]
    * 3,
}  # fmt: skip


@pytest.mark.parametrize("batch", TOO_MUCH.values(), ids=TOO_MUCH.keys())
async def test_the_limits_of_a_document_hold_for_the_sum_and_nothing_runs(client: Client, batch: list[Any]) -> None:
    batch = [create("one"), *batch]
    results = await send(client, batch)
    assert [(one["data"], codes(one)) for one in results] == [(None, ["TOO_COMPLEX"])] * len(batch)
    assert await send(client, [LIST]) == [{"data": {"notifications": []}}]


async def test_each_of_several_operations_may_ask_for_as_much_because_one_runs(client: Client) -> None:
    several = {"query": f"query A {ALL} query B {ALL} query C {ALL}", "operationName": "B"}
    assert await send(client, [several, several]) == [{"data": {"notifications": []}}] * 2


async def test_many_batches_at_once_leave_room_for_other_requests(client: Client) -> None:
    batches = [asyncio.create_task(send(client, [create(f"{n}-{m}") for m in range(5)])) for n in range(20)]
    await client.call("GET", "/ping", 200)
    answers = await asyncio.gather(*batches)
    sent = [[one["data"]["createNotification"]["message"] for one in results] for results in answers]
    assert sent == [[f"{n}-{m}" for m in range(5)] for n in range(20)]
    assert len(await client.ids("id; max=1000")) == 100
