"""Replies compressed with gzip: which ones, and their entity tags."""

import gzip
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.http.conftest import Client

FEED = "/v1/notifications/test"
PEEK = f"{FEED}?peek=true"


async def get(client: Client, path: str, accept: str, method: str = "GET", **headers: str) -> tuple[Any, bytes]:
    """A reply before it is decompressed."""
    async with (
        ClientSession(auto_decompress=False) as http,
        http.request(method, client.http.make_url(path), headers={"Accept-Encoding": accept, **headers}) as reply,
    ):
        return reply, await reply.read()


@pytest.fixture
async def filled(client: Client) -> Client:
    for number in range(10):
        await client.post(message=f"{number}" * 200)
    return client


@pytest.mark.parametrize("accept", ["gzip", "GZip", "deflate, gzip;q=0.5", "br, gzip ; q=1.0, *;q=0"])
async def test_a_large_reply_is_compressed_for_a_client_that_accepts_it(filled: Client, accept: str) -> None:
    _, plain = await get(filled, PEEK, "identity")
    reply, body = await get(filled, PEEK, accept)
    assert reply.headers["Content-Encoding"] == "gzip"
    assert (gzip.decompress(body), len(body)) == (plain, int(reply.headers["Content-Length"]))
    assert len(body) < len(plain) / 2
    assert "Accept-Encoding" in reply.headers.getall("Vary")
    assert (await get(filled, PEEK, accept))[1] == body, "the same each time"


@pytest.mark.parametrize("accept", ["", "identity", "br", "gzip;q=0", "gzip;q=0.000", "gzipped", "gzip;x=1"])
async def test_no_other_client_gets_it_compressed(filled: Client, accept: str) -> None:
    reply, body = await get(filled, PEEK, accept)
    assert "Content-Encoding" not in reply.headers
    assert body.startswith(b"[{")
    assert "Accept-Encoding" in reply.headers.getall("Vary"), "a cache must not give it to others"


@pytest.mark.parametrize("path", ["/ping", f"{FEED}/count", "/inbox/test", "/web/page.css", "/docs"])
async def test_small_replies_pages_and_files_are_not_compressed(filled: Client, path: str) -> None:
    assert "Content-Encoding" not in (await get(filled, path, "gzip"))[0].headers


async def test_a_very_large_reply_is_compressed_too(client: Client) -> None:
    for _ in range(60):
        await client.post(message="m" * 255, properties={"p": "x" * 500})
    _, body = await get(client, PEEK, "gzip", Range="id; max=100")
    assert len(gzip.decompress(body)) > 32 * 1024


async def test_each_encoding_has_a_tag_of_its_own_and_is_304_for_it(filled: Client) -> None:
    tags = {accept: (await get(filled, PEEK, accept))[0].headers["ETag"] for accept in ("gzip", "identity")}
    assert tags["gzip"] != tags["identity"]
    for accept, tag in tags.items():
        reply, body = await get(filled, PEEK, accept, **{"If-None-Match": tag})
        assert (reply.status, reply.headers["ETag"], body) == (304, tag, b"")
        assert not {"Content-Encoding", "Content-Type", "Content-Length"} & set(reply.headers), "there is no body"
        assert "Accept-Encoding" in reply.headers.getall("Vary")
        other = next(one for one in tags.values() if one != tag)
        assert (await get(filled, PEEK, accept, **{"If-None-Match": other}))[0].status == 200


async def test_head_has_the_headers_of_get(filled: Client) -> None:
    (got, _), (head, body) = [await get(filled, PEEK, "gzip", method) for method in ("GET", "HEAD")]
    for name in ("ETag", "Content-Encoding", "Content-Length", "Content-Type"):
        assert head.headers[name] == got.headers[name]
    assert body == b""


async def test_a_stream_is_not_compressed(filled: Client) -> None:
    headers = {"Accept-Encoding": "gzip"}
    async with filled.http.get(f"{FEED}/stream", headers=headers) as reply:
        assert "Content-Encoding" not in reply.headers
        assert await reply.content.readline() == b": connected\n"
