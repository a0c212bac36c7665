"""The headers of proxies are trusted only if they come from a configured proxy."""

import pytest
from structlog.testing import capture_logs

from tests.http.conftest import Client, OpenClient

OURS = "server: {proxies: [127.0.0.0/8, 10.0.0.0/8]}"
OTHERS = "server: {proxies: [10.0.0.0/8]}"
SAID = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "api.example.com",
}


async def location(client: Client, headers: dict[str, str], expect: int = 201) -> str:
    body = {"category": "like", "message": "hi"}
    reply = await client.call("POST", "/v1/notifications/test", expect, json=body, headers=headers)
    return reply.headers.get("Location", "")


async def test_a_known_proxy_says_scheme_and_host(open_client: OpenClient) -> None:
    client = await open_client(OURS)
    assert await location(client, SAID) == "https://api.example.com/v1/notifications/test"


@pytest.mark.parametrize("config", ["", OTHERS])
async def test_anybody_else_says_nothing(open_client: OpenClient, config: str) -> None:
    client = await open_client(config)
    assert (await location(client, SAID)).startswith("http://127.0.0.1:")


async def test_a_known_proxy_says_who_asked_and_the_log_tells(open_client: OpenClient) -> None:
    client = await open_client(OURS)
    with capture_logs() as lines:
        await location(client, SAID)
    assert [line["remote"] for line in lines if line["event"] == "request"] == ["203.0.113.7"]


async def test_without_a_known_proxy_the_log_tells_who_connected(open_client: OpenClient) -> None:
    client = await open_client(OTHERS)
    with capture_logs() as lines:
        await location(client, SAID)
    assert [line["remote"] for line in lines if line["event"] == "request"] == ["127.0.0.1"]


async def test_the_nearest_address_that_is_no_proxy_counts_whatever_the_client_put_before_it(
    open_client: OpenClient,
) -> None:
    client = await open_client(OURS)
    with capture_logs() as lines:
        await location(client, {**SAID, "X-Forwarded-For": "198.51.100.1, 203.0.113.7, 10.1.2.3"})
    assert [line["remote"] for line in lines if line["event"] == "request"] == ["203.0.113.7"]


async def test_scheme_and_host_count_without_an_address_too(open_client: OpenClient) -> None:
    client = await open_client(OURS)
    said = {name: text for name, text in SAID.items() if name != "X-Forwarded-For"}
    assert await location(client, said) == "https://api.example.com/v1/notifications/test"


async def test_a_known_proxy_that_says_nothing_changes_nothing(open_client: OpenClient) -> None:
    client = await open_client(OURS)
    assert (await location(client, {})).startswith("http://127.0.0.1:")


async def test_addresses_that_are_none_are_400_as_json(open_client: OpenClient) -> None:
    client = await open_client(OURS)
    reply = await client.call("GET", "/v1/rules", 400, headers={"X-Forwarded-For": "nobody"})
    assert (await reply.json())["code"] == 400
