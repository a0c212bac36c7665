"""A broken request is the client's fault: the client gets a reply if it is still there, and the log has no defect."""

import asyncio
import gzip
import json

import pytest
from structlog.testing import capture_logs

from tests.http.conftest import Client, OpenClient
from tests.http.raw import connected, reply_to
from tests.waiting import until

PATH = "/v1/notifications/test"
HEAD = "{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"
BODY = json.dumps({"category": "like", "message": "hi"}).encode()


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("path", [PATH, "/v1/notifications", "/graphql"])
async def test_an_upload_that_breaks_off_is_no_defect(client: Client, path: str, reset: bool) -> None:
    with capture_logs() as lines:
        async with connected(client) as (_, writer):
            writer.write(HEAD.format(method="POST", path=path).encode() + b"{")
            await asyncio.sleep(0.05)
            if not reset:
                writer.close()
        await until(lambda: any(line["event"] == "request" for line in lines))
    assert {line["log_level"] for line in lines} <= {"info"}
    (line,) = lines
    assert line["status"] == 400


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("body", [BODY, gzip.compress(BODY, mtime=0)[:20], b"\x1f\x8b" + b"x" * 50, b"x"])
async def test_a_body_that_is_not_encoded_as_it_says_is_400(
    client: Client, encoding: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    with capture_logs() as lines:
        reply = await client.call("POST", PATH, 400, data=body, headers=headers)
    assert (await reply.json())["code"] == 400
    assert {line["log_level"] for line in lines} <= {"info"}
    await client.call("GET", PATH, 404)
    assert caplog.records == []


async def test_a_body_that_is_not_read_and_not_encoded_as_it_says_is_no_defect(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    await client.call("POST", PATH, 415, data=b"x", headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})
    await client.call("GET", PATH, 404)
    assert caplog.records == []


async def test_a_body_that_is_encoded_as_it_says_is_read(client: Client) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    await client.call("POST", PATH, 201, data=gzip.compress(BODY), headers=headers)


async def test_a_body_that_inflates_beyond_the_limit_is_413(client: Client) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    await client.call("POST", PATH, 413, data=gzip.compress(b" " * 5_000_000), headers=headers)


@pytest.mark.parametrize("name", ["a" * 256, "a" * 5000, "%00", "%ff", "a/../../app.py", "admin", "admin/", "%2e%2e/x"])
async def test_a_file_that_cannot_be_is_404(client: Client, name: str) -> None:
    with capture_logs() as lines:
        reply = await reply_to(client, f"GET /web/{name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert reply.startswith(b"HTTP/1.1 404 ")
    assert {line["log_level"] for line in lines} <= {"info"}


@pytest.mark.parametrize("query", ["id=abc", "idS=", "IDS=x", "ids=&all=true", "=", "ids[]=x"])
async def test_unknown_parameters_of_a_removal_are_400_and_nothing_is_removed(client: Client, query: str) -> None:
    made = await client.post()
    reply = await client.call("DELETE", f"{PATH}?{query}", 400)
    (reason,) = (await reply.json())["errors"]
    assert reason.endswith("unknown parameter")
    assert await client.ids() == [made]


async def test_all_unknown_parameters_are_listed(client: Client) -> None:
    reply = await client.call("DELETE", f"{PATH}?id=1&IDS=2&ids=", 400)
    assert (await reply.json())["errors"] == ["id: unknown parameter", "IDS: unknown parameter"]


@pytest.mark.parametrize("path", ["/v1/rules", "/v1/rules/like"])
async def test_removals_of_rules_take_no_parameters(client: Client, path: str) -> None:
    await client.call("PUT", "/v1/rules/like", json={"max_size": 5})
    await client.call("DELETE", f"{path}?category=follow", 400)
    await client.call("GET", "/v1/rules", 200)
    await client.call("DELETE", path)


@pytest.mark.parametrize("name", [".", ".."])
async def test_dots_are_no_username(client: Client, name: str) -> None:
    request = f"GET /v1/notifications/{name}/count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert (await reply_to(client, request.encode())).startswith(b"HTTP/1.1 400 ")
    reply = await client.call("POST", "/v1/notifications", 200, json={**json.loads(BODY), "usernames": [name, "a.b"]})
    assert [result.get("code") for result in (await reply.json())["results"]] == [400, None]


async def test_what_is_no_username_is_logged_escaped_and_cut(open_client: OpenClient) -> None:
    client = await open_client()
    with capture_logs() as lines:
        await client.call("GET", f"/v1/notifications/{'a%0a' * 500}", 400)
        await client.call("GET", "/v1/notifications/ada", 404)
    names = [line["username"] for line in lines if line["event"] == "request"]
    assert names == [("a\\n" * 500)[:200], "ada"]
