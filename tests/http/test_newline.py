"""JSON replies end with a newline, which their length and entity tag include."""

from typing import Any

import pytest

from tests.http.conftest import Client

QUERY = {"query": "{ rules { category } }"}
RULE = {"max_size": 1}


@pytest.mark.parametrize(
    ("method", "path", "status", "options"),
    [
        ("GET", "/v1/notifications/bob", 200, {}),
        ("GET", "/v1/notifications/bob", 206, {"headers": {"Range": "id; max=1"}}),
        ("GET", "/v1/notifications/bob/count", 200, {}),
        ("POST", "/v1/notifications/bob", 201, {"json": {"category": "like", "message": "hi"}}),
        ("POST", "/v1/notifications", 200, {"json": {"usernames": ["a"], "category": "like", "message": "hi"}}),
        ("GET", "/v1/cursors/bob/notifications", 200, {}),
        ("GET", "/v1/rules", 200, {}),
        ("GET", "/v1/notifications/nobody", 404, {}),
        ("GET", "/nowhere", 404, {}),
        ("POST", "/v1/notifications/bob", 422, {"json": {}}),
        ("POST", "/graphql", 200, {"json": QUERY}),
        ("GET", "/openapi.json", 200, {}),
        ("GET", "/admin/metrics", 200, {}),
        ("GET", "/admin/healthcheck", 200, {}),
    ],
)
async def test_a_json_reply_ends_with_one_newline(
    client: Client, method: str, path: str, status: int, options: dict[str, Any]
) -> None:
    await client.post("bob")
    await client.items(username="bob")
    await client.call("PUT", "/v1/rules/like", json=RULE)
    headers = {"Accept-Encoding": "identity", **options.pop("headers", {})}
    reply = await client.call(method, path, status, headers=headers, **options)
    body = (await reply.text()).encode()
    assert reply.content_type == "application/json"
    assert body.endswith((b"}\n", b"]\n"))
    assert int(reply.headers["Content-Length"]) == len(body)


@pytest.mark.parametrize("path", ["/v1/notifications/bob", "/v1/notifications/bob/count"])
async def test_a_conditional_read_is_of_the_same_bytes(client: Client, path: str) -> None:
    await client.post("bob")
    await client.items(username="bob")
    got = await client.call("GET", path, 200)
    head = await client.call("HEAD", path, 200)
    tag = got.headers["ETag"]
    assert (head.headers["ETag"], head.headers["Content-Length"]) == (tag, got.headers["Content-Length"])
    known = await client.call("GET", path, 304, headers={"If-None-Match": tag})
    assert await known.text() == ""
