"""Browsers refuse cross-origin requests unless the configuration names the page's origin."""

import pytest

from tests.http.conftest import Client, OpenClient

APP = "https://app.example.com"
ONE = f"server: {{cors_origins: ['{APP}']}}"
ANY = "server: {cors_origins: ['*']}"
ASKING = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,idempotency-key"}
PATH = "/v1/notifications/test"


def permission(headers: object) -> dict[str, str]:
    return {name: text for name, text in dict(headers).items() if name.startswith("Access-Control-")}  # type: ignore[call-overload]


async def test_it_is_off_unless_configured(client: Client) -> None:
    reply = await client.call("GET", f"{PATH}/count", 200, headers={"Origin": APP})
    assert permission(reply.headers) == {}
    await client.call("OPTIONS", PATH, 405, headers={"Origin": APP, **ASKING})


async def test_a_configured_origin_may_read_replies_and_their_headers_with_its_users_cookies(
    open_client: OpenClient,
) -> None:
    client = await open_client(ONE)
    allowed = permission((await client.call("GET", f"{PATH}/count", 200, headers={"Origin": APP})).headers)
    assert allowed["Access-Control-Allow-Origin"] == APP
    assert allowed["Access-Control-Allow-Credentials"] == "true"
    assert {"Next-Range", "X-Unseen-Count", "Location"} <= set(allowed["Access-Control-Expose-Headers"].split(", "))


async def test_a_configured_origin_may_ask_before_it_writes(open_client: OpenClient) -> None:
    client = await open_client(ONE)
    allowed = permission((await client.call("OPTIONS", PATH, 204, headers={"Origin": APP, **ASKING})).headers)
    assert allowed["Access-Control-Allow-Origin"] == APP
    assert "POST" in allowed["Access-Control-Allow-Methods"]
    assert allowed["Access-Control-Allow-Headers"] == "content-type,idempotency-key"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://app.example.com", f"{APP}.evil.example", "null"])
async def test_no_other_origin_may(open_client: OpenClient, origin: str) -> None:
    client = await open_client(ONE)
    reply = await client.call("GET", f"{PATH}/count", 200, headers={"Origin": origin})
    assert permission(reply.headers) == {}
    await client.call("OPTIONS", PATH, 405, headers={"Origin": origin, **ASKING})


async def test_any_origin_may_where_configured_but_without_cookies(open_client: OpenClient) -> None:
    client = await open_client(ANY)
    reply = await client.call("GET", f"{PATH}/count", 200, headers={"Origin": "https://anyone.example"})
    allowed = permission(reply.headers)
    assert allowed["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in allowed


async def test_errors_may_be_read_too(open_client: OpenClient) -> None:
    client = await open_client(ONE)
    reply = await client.call("GET", "/v1/notifications/nobody", 404, headers={"Origin": APP})
    assert permission(reply.headers)["Access-Control-Allow-Origin"] == APP


async def test_caches_are_told_that_replies_differ_by_origin(open_client: OpenClient) -> None:
    client = await open_client(ONE)
    assert "Origin" in (await client.call("GET", "/ping", 200)).headers["Vary"]


@pytest.mark.parametrize("path", ["/admin/metrics", "/admin/threads", "/metrics"])
async def test_what_is_for_operators_is_for_no_other_origin(open_client: OpenClient, path: str) -> None:
    client = await open_client(ANY)
    assert permission((await client.call("GET", path, 200, headers={"Origin": APP})).headers) == {}


async def test_an_ordinary_options_request_is_answered_as_ever(open_client: OpenClient) -> None:
    client = await open_client(ONE)
    await client.call("OPTIONS", PATH, 405, headers={"Origin": APP})
