"""The subscription: the events of the stream, over a WebSocket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from notification.http.keys import HUB
from tests.http.conftest import Client
from tests.waiting import until

FEED = """subscription($since: ID) { feed(username: "test", since: $since) {
    kind notification { id message unseen } ids seen replayed counts { unseen total unseenGroups } } }"""


@asynccontextmanager
async def subscribed(client: Client, query: str = FEED, **variables: Any) -> AsyncIterator[Any]:
    """Gives a function that returns the next payload."""
    async with client.http.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json({"type": "connection_init"})
        assert (await socket.receive_json(timeout=10))["type"] == "connection_ack"
        payload = {"query": query, "variables": variables}
        await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})

        async def next_() -> Any:
            return await socket.receive_json(timeout=10)

        yield next_


async def event(next_: Any) -> dict[str, Any]:
    message = await next_()
    happened = message["payload"]["data"]["feed"]
    return {name: value for name, value in happened.items() if value not in (None, False)}


async def test_every_change_is_told_and_the_counts_after_it(client: Client) -> None:
    async with subscribed(client) as next_:
        assert await event(next_) == {"kind": "COUNTS", "counts": {"unseen": 0, "total": 0, "unseenGroups": 0}}
        id_ = await client.post(message="hello")
        arrived = {"id": id_, "message": "hello", "unseen": True}
        assert await event(next_) == {"kind": "NOTIFICATION", "notification": arrived}
        assert (await event(next_))["counts"]["unseen"] == 1
        await client.items()
        assert await event(next_) == {"kind": "SEEN", "seen": id_}
        assert (await event(next_))["counts"]["unseen"] == 0
        await client.remove(id_)
        assert await event(next_) == {"kind": "REMOVED", "ids": [id_]}


async def test_a_subscription_begins_with_what_was_missed(client: Client) -> None:
    before, known, missed = await client.post(), await client.post(), await client.post()
    async with subscribed(client, since=known) as next_:
        told = [await event(next_) for _ in range(2)]
        assert [(one["notification"]["id"], one.get("replayed")) for one in told] == [(before, True), (missed, None)]


async def test_a_feed_removed_as_a_whole_is_cleared_and_who_missed_it_is_told_to_reset(client: Client) -> None:
    old = await client.post()
    async with subscribed(client) as next_:
        await event(next_)
        await client.call("DELETE", "/v1/notifications/test")
        assert await event(next_) == {"kind": "CLEARED"}
    await client.post()
    async with subscribed(client, since=old[:5] + "0" * 22) as next_:
        assert await event(next_) == {"kind": "RESET"}


@pytest.mark.parametrize(
    "query",
    ['subscription { feed(username: "a/b") { kind } }', 'subscription { feed(username: "a", since: "x") { kind } }'],
)
async def test_what_is_not_allowed_is_an_error_with_a_code(client: Client, query: str) -> None:
    async with subscribed(client, query) as next_:
        message = await next_()
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        assert errors[0]["extensions"]["code"] in ("MALFORMED", "INVALID")


async def test_leaving_ends_the_subscription(client: Client) -> None:
    async with subscribed(client) as next_:
        await event(next_)
        assert client.application[HUB].listeners == 1
    await until(lambda: client.application[HUB].listeners == 0)


async def test_sockets_are_closed_when_the_service_stops(client: Client) -> None:
    async with client.http.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
        await client.application.shutdown()
        assert (await socket.receive(timeout=10)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


async def test_a_page_of_another_origin_gets_no_socket(client: Client) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await client.http.ws_connect("/graphql", protocols=["graphql-transport-ws"], headers=headers)
    assert caught.value.status == 403
    ours = {"Origin": f"http://{client.http.host}:{client.http.port}"}
    async with client.http.ws_connect("/graphql", protocols=["graphql-transport-ws"], headers=ours) as socket:
        assert not socket.closed
