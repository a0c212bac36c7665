"""Random requests cause no status 500, no hang, and no reply that is not HTTP.

Requests are generated from a seed, so that a failure can be reproduced. Its message contains the seed and the request.
"""

import asyncio
import json
import os
import random
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import pytest

from siblings.ksuid import MAX_ID, MIN_ID, encode
from tests.http.conftest import OpenClient

REQUESTS = int(os.environ.get("RANDOM_REQUESTS", "100000"))
PARTS = 4
"""The requests are split into this number of tests, with separate seeds and services, so that processes share them."""
CONNECTIONS = 4
METHODS = ["GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
ODD = [
    "",
    " ",
    "é",
    "\u0000",
    "👍",
    "%",
    "%2F",
    "..",
    "a" * 300,
    "<script>",
    "'; DROP TABLE siblings",
    "\ud800",
    "-1",
    "null",
]


BROKEN = [b"", b"{", b"\xff", b"[" * 5000, b"null", b'"x"', b"{}", b"x" * 100, b"NaN", b'{"a":1e999}']


class Dice(random.Random):
    """Generates parts of requests, which are mostly valid and sometimes odd."""

    def text(self, right: list[str]) -> str:
        return self.choice(ODD) if self.random() < 0.1 else self.choice(right)

    def id(self) -> str:
        return self.text([MIN_ID, MAX_ID, encode(self.randrange(2**160)), encode(1), encode(2)])

    def path(self) -> str:
        user = quote(self.text([f"user{n}" for n in range(5)]), safe="", errors="surrogatepass")
        category = quote(self.text(["like", "comment", "follow"]), safe="", errors="surrogatepass")
        query = self.choice(
            ["", "", "", "?", f"?ids={quote(self.id(), errors='surrogatepass')},{encode(5)}", "?ids=", "?a=%ff&ids=%"]
        )
        return self.choice(
            [f"/v1/notifications/{user}{query}"] * 8
            + [f"/v1/rules/{category}"] * 3
            + ["/v1/rules", "/ping", "/version", "/", f"/{category}", "//", "/%00"]
        )  # fmt: skip

    def value(self, depth: int = 0) -> Any:
        simple: list[Any] = [None, True, 5, -1, 1.5, 10**400, "1 hour", "soon", self.text(["hello", "like"]), 2**31]
        if depth < 3 and self.random() < 0.2:
            return self.choice([[self.value(depth + 1)], {self.text(["a", "b"]): self.value(depth + 1)}])
        return self.choice(simple)

    def body(self) -> bytes:
        if self.random() < 0.15:
            return self.choice(BROKEN)
        fields: dict[str, Any] = {"category": "like", "message": "hi"} if self.random() < 0.6 else {}
        names = ["category", "message", "properties", "id", "max_size", "max_duration", "match_on"]
        fields.update({self.choice(names): self.value() for _ in range(self.randrange(3))})
        return json.dumps(fields, ensure_ascii=self.random() < 0.5).encode(errors="surrogatepass")

    def range(self) -> str:
        frozen = f"seen={self.id()}; top={self.id()}; shown=0123456789-{self.id()}"
        return self.choice(
            [
                f"id; max={self.choice(['1', '7', '0', '9999', 'x'])}",
                f"id ]{self.id()}..; max=3",
                f"id {self.id()}..{self.id()}[",
                f"id ..{self.id()}",
                f"id ]{self.id()}..; max=2; {frozen}",
                f"id {self.id()}..; top={self.id()}; shown=*",
                *("bytes=0-5", ";;;", "id"),
            ]
        )

    def request(self) -> bytes:
        body = self.body()
        headers = {
            "Host": "localhost",
            "Content-Length": str(len(body)),
            "Content-Type": self.choice(
                ["application/json"] * 8 + ["text/plain", "application/json; charset=utf-8", "x"]
            ),
        }
        if self.random() < 0.4:
            headers["Range"] = self.range()
        if self.random() < 0.1:
            headers["X-Request-Id"] = self.text(["abc"])
        lines = [
            f"{self.choice(METHODS)} {self.path()} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        head = "\r\n".join(line.replace("\u0000", "") for line in lines)
        return head.encode(errors="replace") + b"\r\n\r\n" + body


async def read_reply(reader: asyncio.StreamReader, method: bytes) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    if method != b"HEAD":
        await reader.readexactly(length)
    return status


async def send_all(open_client: OpenClient, seeds: Iterable[int], requests: int) -> None:
    """Open one connection for each seed, and send `requests` requests from it."""
    client = await open_client("logging: {requests: false}")

    async def send(seed: int) -> None:
        dice = Dice(seed)
        reader, writer = await asyncio.open_connection(client.http.host, client.http.port)
        for number in range(requests):
            request = dice.request()
            writer.write(request)
            try:
                async with asyncio.timeout(20):
                    status = await read_reply(reader, request.split(b" ", 1)[0])
            except Exception as error:
                raise AssertionError(f"seed {seed}, request {number}: {request!r}") from error
            assert status < 500, f"seed {seed}, request {number}: {status} to {request!r}"
            if status == 400:  # a request that is not HTTP ends its connection
                writer.close()
                reader, writer = await asyncio.open_connection(client.http.host, client.http.port)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*map(send, seeds))


async def test_a_thousand_random_requests_bring_no_500_and_no_hang(open_client: OpenClient) -> None:
    await send_all(open_client, range(PARTS * CONNECTIONS, (PARTS + 1) * CONNECTIONS), 1000 // CONNECTIONS)


@pytest.mark.long
@pytest.mark.timeout(280)
@pytest.mark.parametrize("part", range(PARTS))
async def test_random_requests_bring_no_500_and_no_hang(open_client: OpenClient, part: int) -> None:
    seeds = range(part * CONNECTIONS, (part + 1) * CONNECTIONS)
    await send_all(open_client, seeds, REQUESTS // PARTS // CONNECTIONS)
