"""The origins of requests: hosts in replies, pages of other sites, and WebSockets from other origins."""

import json

import aiohttp
import pytest
from structlog.testing import capture_logs

from tests.http.conftest import Client, OpenClient
from tests.http.raw import reply_to

BODY = json.dumps({"category": "like", "message": "hi"}).encode()
ALLOWED = 'server: {cors_origins: ["https://app.example.com"]}'
PATH = "/v1/notifications/test"
Forwarded = dict[str, str]


async def created(client: Client, host: str | None, version: str = "1.1") -> bytes:
    line = "" if host is None else f"Host: {host}\r\n"
    head = f"POST {PATH} HTTP/{version}\r\n{line}Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n"
    return await reply_to(client, head.encode() + b"Connection: close\r\n\r\n" + BODY)


@pytest.mark.parametrize("host", ["example.com", "example.com:8080", "127.0.0.1:1", "[::1]:8080", "my_host-1.internal"])
async def test_the_host_that_was_asked_is_in_the_location(client: Client, host: str) -> None:
    assert f"Location: http://{host}{PATH}\r\n".encode() in await created(client, host)


@pytest.mark.parametrize(
    "host", ["", "a/b", "a b", "evil.example/x?", "a@b", '"><script>', "a:b", "a:123456", "a:65536", "[::1"]
)
async def test_what_is_no_host_is_400_and_nothing_is_stored(client: Client, host: str) -> None:
    assert (await created(client, host)).startswith(b"HTTP/1.1 400 ")
    await client.call("GET", PATH, 404)


async def test_without_a_host_the_location_is_a_path(client: Client) -> None:
    assert f"Location: {PATH}\r\n".encode() in await created(client, None, "1.0")


@pytest.mark.parametrize(
    "said", [{"X-Forwarded-Proto": "javascript"}, {"X-Forwarded-Host": "a/b"}, {"X-Forwarded-Host": ""}]
)
async def test_a_proxy_cannot_say_what_is_no_scheme_or_host(open_client: OpenClient, said: Forwarded) -> None:
    client = await open_client("server: {proxies: [127.0.0.0/8]}")
    headers = {**said, "Content-Type": "application/json"}
    await client.call("POST", PATH, 400, data=BODY, headers=headers)
    await client.call("GET", PATH, 404)


@pytest.mark.parametrize("path", [PATH, "/graphql?query={notifications(username:%22test%22){id}}"])
async def test_a_page_of_another_site_moves_no_cursor(client: Client, path: str) -> None:
    await client.post()
    await client.call("GET", path, 200, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    await client.call("GET", path, 200, headers={"Sec-Fetch-Site": "cross-site"})
    assert await unseen(client) == 1


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none", None])
async def test_any_other_reader_moves_it(client: Client, site: str | None) -> None:
    await client.post()
    await client.call("GET", PATH, 200, headers={"Sec-Fetch-Site": site} if site else {})
    assert await unseen(client) == 0


async def test_a_page_of_an_origin_that_is_allowed_moves_it(open_client: OpenClient) -> None:
    client = await open_client(ALLOWED)
    await client.post()
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://app.example.com"}
    await client.call("GET", PATH, 200, headers=headers)
    assert await unseen(client) == 0


async def unseen(client: Client) -> int:
    reply = await client.call("GET", f"{PATH}/count", 200)
    return int((await reply.json())["unseen"])


async def opened(client: Client, **headers: str) -> int:
    """Return the status of the reply to a WebSocket's handshake."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        async with client.http.ws_connect("/graphql", protocols=("graphql-transport-ws",), headers=named):
            return 101
    except aiohttp.WSServerHandshakeError as error:
        return error.status


async def test_programs_and_our_own_pages_open_sockets(client: Client) -> None:
    assert await opened(client) == 101
    assert await opened(client, Origin=str(client.http.make_url("/")).rstrip("/")) == 101


async def test_pages_of_other_origins_do_not_and_the_log_names_a_setting_that_exists(client: Client) -> None:
    with capture_logs() as lines:
        assert await opened(client, Origin="https://evil.example") == 403
        assert await opened(client, Origin="null") == 403
    assert all("server.cors_origins" in line["event"] for line in lines if line["log_level"] == "warning")
    assert not any("allowed_origins" in str(line) for line in lines)


async def test_pages_of_origins_that_are_allowed_do(open_client: OpenClient) -> None:
    client = await open_client(ALLOWED)
    assert await opened(client, Origin="https://app.example.com") == 101
    assert await opened(client, Origin="https://evil.example") == 403


async def test_a_known_proxy_says_which_origin_is_ours(open_client: OpenClient) -> None:
    said = {"Origin": "https://api.example.com", "X_Forwarded_Host": "api.example.com"}
    assert await opened(await open_client("server: {proxies: [127.0.0.0/8]}"), **said) == 101
    assert await opened(await open_client(), **said) == 403
