"""What `/graphql` does with requests that are not plain POSTs of JSON."""

from typing import Any

import pytest

from tests.http.conftest import Client

PING = "{ __typename }"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"{", "application/json", 400), (b"[" * 90_000, "application/json", 400), (b"\xff", "application/json", 400),
     (b'{"query": 5}', "application/json", 422), (b"{}", "application/json", 422),
     (b'{"query": "{a}", "variables": []}', "application/json", 422),
     (b'{"query": "{a}", "operationName": "\\ud800"}', "application/json", 422),
     (b'{"query": "{a}", "operationName": []}', "application/json", 422),
     (b"query={a}", "application/x-www-form-urlencoded", 415),
     (b"", "application/graphql", 422), (b"\xff", "application/graphql", 400), (b"{a}", "text/plain", 415),
     (b"{a}".ljust(40_000), "application/graphql", 422),
     (b'{"query": "' + b" " * 300_000 + b'"}', "application/json", 413)],
)  # fmt: skip
async def test_a_body_that_is_no_question_is_refused(client: Client, body: bytes, kind: str, status: int) -> None:
    reply = await client.call("POST", "/graphql", status, data=body, headers={"Content-Type": kind})
    assert (await reply.json())["code"] == status


async def test_an_operation_that_is_not_in_the_document_is_an_error_of_graphqls(client: Client) -> None:
    reply = await client.call("POST", "/graphql", 200, json={"query": "query A {__typename}", "operationName": "B"})
    answer = await reply.json()
    assert (answer["data"], answer["errors"][0]["extensions"]) == (None, {"code": "MALFORMED"})


async def test_a_document_in_a_url_is_short(client: Client) -> None:
    await client.call("GET", "/graphql", 422, params={"query": PING.ljust(4097)})


async def test_a_get_asks_and_never_changes(client: Client) -> None:
    await client.post()
    query = "query Q($u: String!) { notifications(username: $u) { message } }"
    params = {"query": query, "variables": '{"u": "test"}', "operationName": "Q"}
    reply = await client.call("GET", "/graphql", 200, params=params)
    assert (await reply.json())["data"] == {"notifications": [{"message": "hi"}]}
    mutation = {"query": 'mutation { removeAllNotifications(username: "test") }'}
    reply = await client.call("GET", "/graphql", 400, params=mutation)
    assert "mutations" in (await reply.json())["message"]
    assert len(await client.ids()) == 1


async def test_variables_of_a_get_that_are_no_json_are_refused(client: Client) -> None:
    await client.call("GET", "/graphql", 400, params={"query": PING, "variables": "{"})


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    reply = await client.call(method, "/graphql", 405)
    assert set(reply.headers["Allow"].split(",")) == {"GET", "POST"}


async def test_an_answer_has_the_headers_of_every_reply_and_is_not_cached(client: Client) -> None:
    reply = await client.call("POST", "/graphql", 200, json={"query": PING})
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert reply.headers["X-Frame-Options"] == "deny"
    assert "no-store" in reply.headers["Cache-Control"]


async def test_a_body_may_be_the_document_itself(client: Client) -> None:
    await client.post(message="hä")
    query = "query A($u: String!) { notifications(username: $u) { message } } query B { __typename }"
    sent: dict[str, Any] = {"data": query.encode(), "headers": {"Content-Type": "application/graphql; charset=utf-8"}}
    params = {"operationName": "A", "variables": '{"u": "test"}', "query": "{ ignored }"}
    reply = await client.call("POST", "/graphql", 200, params=params, **sent)
    assert await reply.json() == {"data": {"notifications": [{"message": "hä"}]}}
    await client.call("POST", "/graphql", 400, params={"variables": "{"}, **sent)
    await client.call("POST", "/graphql", 422, params={"variables": "[]"}, **sent)
    draft = '{category: "like", message: "ö"}'
    query = f'mutation {{ createNotification(username: "test", notification: {draft}) {{ message }} }}'
    sent["data"] = query.encode()
    reply = await client.call("POST", "/graphql", 200, **sent)
    assert await reply.json() == {"data": {"createNotification": {"message": "ö"}}}


async def test_an_empty_name_of_an_operation_is_none(client: Client) -> None:
    answer = {"data": {"__typename": "Query"}}
    for query in (PING, "query A { __typename }"):
        sent = {"query": query, "operationName": ""}
        assert await (await client.call("POST", "/graphql", 200, json=sent)).json() == answer
        assert await (await client.call("POST", "/graphql", 200, json=[sent])).json() == [answer]
        assert await (await client.call("GET", "/graphql", 200, params=sent)).json() == answer
