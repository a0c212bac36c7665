"""Every kind of bad input gets its status and every reason, and nothing is stored."""

import json

import pytest

from tests.http.conftest import Client

JSON = {"Content-Type": "application/json"}
GOOD = json.dumps({"category": "like", "message": "hi"})


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b'{"category": "like", "message": "hi"', b'{"category": NaN}', b"\xff\xfe", b"[" * 300_000,
     b"\x00", b'{"a": 1,}', b"1" * 5000, b'{"category":"like","message":"hi"} trailing'],
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/notifications/test"), ("PUT", "/v1/rules/like")])
async def test_what_is_not_json_is_400(client: Client, method: str, path: str, body: bytes) -> None:
    expect = 413 if len(body) > 262144 else 422 if body.isdigit() and len(body) < 4000 else 400
    reply = await client.call(method, path, expect, data=body, headers=JSON)
    assert (await reply.json())["code"] == expect
    await nothing_is_stored(client)


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "5", "true"])
async def test_json_that_is_no_object_is_422(client: Client, body: str) -> None:
    reply = await client.call("POST", "/v1/notifications/test", 422, data=body, headers=JSON)
    assert (await reply.json())["errors"][0].startswith("body: ")
    await nothing_is_stored(client)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "", "nonsense"]
)
async def test_another_content_type_is_415(client: Client, kind: str) -> None:
    reply = await client.call("POST", "/v1/notifications/test", 415, data=GOOD, headers={"Content-Type": kind})
    assert (await reply.json())["code"] == 415
    await nothing_is_stored(client)


async def test_a_charset_beside_the_content_type_is_fine(client: Client) -> None:
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    await client.call("POST", "/v1/notifications/test", 201, data=GOOD, headers=headers)


async def test_wrong_fields_are_422_with_every_reason(client: Client) -> None:
    body = {"category": "ab", "message": "x" * 256, "properties": {"a": None, "b": [1]}}
    reply = await client.call("POST", "/v1/notifications/test", 422, json=body)
    answer = await reply.json()
    assert (answer["code"], len(answer["errors"])) == (422, 4)
    assert [error.split(":")[0] for error in answer["errors"]] == [
        "category",
        "message",
        "properties.a",
        "properties.b",
    ]
    await nothing_is_stored(client)


async def test_halves_of_surrogate_pairs_are_422(client: Client) -> None:
    body = b'{"category": "like", "message": "\\ud800", "properties": {"\\udfff": "\\ud800"}}'
    await client.call("POST", "/v1/notifications/test", 422, data=body, headers=JSON)
    await nothing_is_stored(client)


async def test_a_body_over_the_limit_is_413(client: Client) -> None:
    body = json.dumps({"category": "like", "message": "hi", "junk": "x" * 270_000})
    reply = await client.call("POST", "/v1/notifications/test", 413, data=body, headers=JSON)
    assert (await reply.json())["code"] == 413
    await nothing_is_stored(client)


async def test_too_many_ids_are_400(client: Client) -> None:
    id_ = await client.post()
    reply = await client.call("DELETE", f"/v1/notifications/test?ids={id_}{',' * 1000}", 400)
    assert (await reply.json())["errors"] == ["ids: at most 1000"]
    assert await client.ids() == [id_]


@pytest.mark.parametrize("path", ["/v1", "/v1/cursors/a", "/v1/notifications//", "/v1/notifications/a/b/c", "/v2"])
async def test_other_paths_are_404(client: Client, path: str) -> None:
    reply = await client.call("GET", path, 404)
    assert (await reply.json())["code"] == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/notifications/test", {"DELETE", "GET", "HEAD", "POST"}),
        ("PATCH", "/v1/rules/like", {"DELETE", "PUT"}),
        ("POST", "/v1/rules", {"DELETE", "GET", "HEAD"}),
        ("OPTIONS", "/ping", {"GET", "HEAD"}),
        ("PROPFIND", "/ping", {"GET", "HEAD"}),
    ],
)
async def test_other_methods_are_405_and_say_which_are_allowed(
    client: Client, method: str, path: str, allowed: set[str]
) -> None:
    reply = await client.call(method, path, 405)
    assert set(reply.headers["Allow"].split(",")) == allowed
    assert (await reply.json())["code"] == 405


@pytest.mark.parametrize("host", ["", "a b", ":::", "[", "http://x/", "ü"])
async def test_an_odd_host_header_does_no_harm(client: Client, host: str) -> None:
    async with client.http.post("/v1/notifications/test", data=GOOD, headers={**JSON, "Host": host}) as reply:
        assert reply.status in (201, 400)


async def nothing_is_stored(client: Client) -> None:
    await client.call("GET", "/v1/notifications/test", 404)
    assert await (await client.call("GET", "/v1/rules", 200)).json() == {}
