"""What a client may do to a socket: send anything, take its time, leave at any moment."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from structlog.testing import capture_logs

from notification.domain.events import Counted
from notification.domain.timeline import NOTHING
from notification.http.graphql.limits import MAX_DOCUMENT, MAX_NOTIFICATIONS
from notification.http.graphql.pacer import Pacer
from notification.http.graphql.schema import Context, make_schema
from notification.http.graphql.socket import MAX_MESSAGE, MAX_OPERATIONS
from notification.http.keys import HUB, INBOX, RULES_SERVICE
from notification.http.slow_clients import cut_off_if_unread
from notification.services.listener import MAX_QUEUE
from tests.graphql.conftest import ask, codes
from tests.http.conftest import Client
from tests.waiting import until

FEED = 'subscription { feed(username: "test") { kind counts { total } } }'
BACKGROUND = ("load ", "poll ")


@asynccontextmanager
async def opened(client: Client, **options: Any) -> AsyncIterator[ClientWebSocketResponse]:
    async with client.http.ws_connect("/graphql", protocols=["graphql-transport-ws"], **options) as socket:
        await socket.send_json({"type": "connection_init"})
        assert (await socket.receive_json(timeout=10))["type"] == "connection_ack"
        yield socket


def subscribe(id_: str = "1", query: str = FEED, **more: Any) -> dict[str, Any]:
    return {"type": "subscribe", "id": id_, "payload": {"query": query, **more}}


def background() -> list[str]:
    return [name for task in asyncio.all_tasks() if (name := task.get_name()).startswith(BACKGROUND)]


async def test_an_empty_name_of_an_operation_is_none(client: Client) -> None:
    async with opened(client) as socket:
        await socket.send_json(subscribe(query="query A { __typename }", operationName=""))
        assert (await socket.receive_json(timeout=10))["payload"] == {"data": {"__typename": "Query"}}


async def test_who_subscribes_and_leaves_two_hundred_times_leaves_nothing_behind(client: Client) -> None:
    hub = client.application[HUB]
    async with opened(client) as socket:
        for number in range(200):
            query = f'subscription {{ feed(username: "user{number}") {{ kind }} }}'
            await socket.send_json(subscribe(str(number), query))
            await socket.send_json({"type": "complete", "id": str(number)})
        await socket.send_json({"type": "ping"})
        while (await socket.receive_json(timeout=10))["type"] != "pong":
            pass
        await until(lambda: hub._topics == {} and background() == [])


@pytest.mark.parametrize(
    "text",
    ["null", "[1]", "5", '"text"', "{}", '{"type": []}', '{"type": "subscribe"}', '{"type": "subscribe", "id": []}',
     '{"type": "subscribe", "id": "1", "payload": null}', '{"type": "complete", "id": {}}', "not JSON", "[" * 50_000,
     json.dumps({"type": "x" * 500}), '{"type": "\\ud800"}', "NaN"],
)  # fmt: skip
async def test_what_is_no_message_closes_the_socket_and_is_no_defect(client: Client, text: str) -> None:
    with capture_logs() as logs:
        async with opened(client) as socket:
            await socket.send_str(text)
            message = await socket.receive(timeout=10)
            assert (message.type, message.data) == (WSMsgType.CLOSE, 4400)
    assert [line for line in logs if line["log_level"] == "error"] == []


async def test_a_binary_message_closes_the_socket(client: Client) -> None:
    async with opened(client) as socket:
        await socket.send_bytes(b"{}")
        assert (await socket.receive(timeout=10)).data == 4400


async def test_a_document_is_held_to_the_limits_of_a_post(client: Client) -> None:
    async with opened(client) as socket:
        await socket.send_json(subscribe(query=FEED.ljust(MAX_DOCUMENT + 1)))
        refused = await socket.receive_json(timeout=10)
        assert (refused["type"], refused["id"]) == ("error", "1")
        assert refused["payload"][0]["extensions"] == {
            "code": "INVALID",
            "errors": [f"query: String should have at most {MAX_DOCUMENT} characters"],
        }
        await socket.send_json(subscribe(query="{ " + "__typename " * 300 + "}"))
        assert (await socket.receive_json(timeout=10))["payload"][0]["extensions"]["code"] == "TOO_COMPLEX"
        await socket.send_json(subscribe(variables=[1]))
        assert (await socket.receive_json(timeout=10))["payload"][0]["extensions"]["code"] == "INVALID"


async def test_a_message_that_is_too_long_closes_the_socket(client: Client) -> None:
    async with opened(client) as socket:
        await socket.send_str(" " * (MAX_MESSAGE + 1))
        assert (await socket.receive(timeout=10)).data == 1009


async def test_a_ping_is_answered(client: Client) -> None:
    async with opened(client, autoping=False) as socket:
        await socket.ping(b"still there?")
        message = await socket.receive(timeout=10)
        assert (message.type, message.data) == (WSMsgType.PONG, b"still there?")


async def test_nothing_is_compressed(client: Client) -> None:
    async with opened(client, compress=15) as socket:
        assert socket.compress == 0


async def test_operations_on_one_socket_are_bounded_and_one_that_ends_makes_room(client: Client) -> None:
    async with opened(client) as socket:
        for number in range(MAX_OPERATIONS + 1):
            await socket.send_json(subscribe(str(number)))
        answers = [await socket.receive_json(timeout=10) for _ in range(MAX_OPERATIONS + 1)]
        refused = [answer for answer in answers if answer["type"] == "error"]
        assert [answer["id"] for answer in refused] == [str(MAX_OPERATIONS)]
        assert refused[0]["payload"][0]["extensions"]["code"] == "TOO_COMPLEX"
        await socket.send_json({"type": "complete", "id": "0"})
        await socket.send_json(subscribe("more"))
        assert (await socket.receive_json(timeout=10))["id"] == "more"


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_subscription_needs_a_socket(client: Client, method: str) -> None:
    sent: dict[str, Any] = {"json": {"query": FEED}} if method == "POST" else {"params": {"query": FEED}}
    with capture_logs() as logs:
        reply = await client.call(method, "/graphql", 200, **sent)
    assert codes(await reply.json()) == ["MALFORMED"]
    assert "defect" not in [line["event"] for line in logs]


def feeds(count: int, arguments: str = "", fields: str = "id") -> str:
    return " ".join(f'a{n}: notifications(username: "test"{arguments}) {{ {fields} }}' for n in range(count))


@pytest.mark.parametrize(
    ("document", "variables", "asked"),
    [
        (f"{{ {feeds(3)} }}", {}, 3000),
        (f"{{ {feeds(15, ', first: 134')} }}", {}, 2010),
        (f"{{ {feeds(3, ', first: 1', 'id notifications { id }')} }}", {}, 3000),
        (f"query($n: Int = 700) {{ {feeds(3, ', first: $n')} }}", {}, 2100),
        (f"query($n: Int = 1) {{ {feeds(3, ', first: $n')} }}", {"n": 700}, 2100),
        (f"query($n: Int = 1) {{ {feeds(3, ', first: $n')} }}", {"n": None}, 3000),
        (f"query($n: Int) {{ {feeds(3, ', first: $n')} }}", {}, 3000),
        (f"{{ ...F ...F }} fragment F on Query {{ ... on Query {{ {feeds(2)} }} }}", {}, 4000),
        (f"{{ {feeds(3, ', first: 10000000000000')} }}", {}, 3000),
        (f"{{ {feeds(1, '', ' '.join(f'p{n}: properties' for n in range(14)))} }}", {}, 15000),
    ],
)  # fmt: skip
async def test_a_document_that_may_ask_for_too_many_notifications_is_refused(
    client: Client, document: str, variables: dict[str, Any], asked: int
) -> None:
    id_ = await client.post()
    answer = await ask(client, document, **variables)
    assert codes(answer) == ["TOO_COMPLEX"]
    assert f"At most {MAX_NOTIFICATIONS} notifications, but this may ask for {asked}" in answer["errors"][0]["message"]
    assert [item["unseen"] for item in await client.items()] == [True], id_


@pytest.mark.parametrize(
    "document",
    [
        f"{{ {feeds(2)} }}",
        f"{{ {feeds(15, ', first: 133')} }}",
        f"{{ {feeds(2, ', first: 1', 'id notifications { id }')} }}",
        f"query A {{ {feeds(2)} }} query B {{ {feeds(2)} }}",
    ],
)
async def test_two_whole_feeds_may_be_asked_for(client: Client, document: str) -> None:
    await client.post()
    sent = {"query": document, "operationName": "A" if "query A" in document else None}
    answer = await (await client.call("POST", "/graphql", 200, json=sent)).json()
    assert "errors" not in answer


async def test_the_watch_aborts_where_nothing_is_taken_and_lets_slow_readers_be() -> None:
    class Transport:
        waiting, aborted = 100, False

        def get_write_buffer_size(self) -> int:
            return self.waiting

        def abort(self) -> None:
            self.aborted = True

    slow, still, empty = Transport(), Transport(), Transport()
    empty.waiting = 0
    with cut_off_if_unread(slow, 0.02), cut_off_if_unread(still, 0.02), cut_off_if_unread(empty, 0.02):  # type: ignore[arg-type]
        while not still.aborted:
            slow.waiting -= 1
            await asyncio.sleep(0.002)
    assert not slow.aborted
    assert not empty.aborted


async def test_one_who_waits_for_a_turn_goes_in_each_turn_of_the_loop() -> None:
    pacer, turns, gone = Pacer(), 0, []

    async def wait(number: int) -> None:
        await pacer.turn()
        gone.append((number, turns))

    waiting = [asyncio.create_task(wait(number)) for number in range(20)]
    await asyncio.sleep(0)
    waiting[7].cancel()
    while len(gone) < 19:
        turns += 1
        await asyncio.sleep(0)
    assert [number for number, _ in gone] == [number for number in range(20) if number != 7]
    assert len({turn for _, turn in gone}) == len(gone)


async def test_many_who_ask_for_a_feed_are_answered_one_in_each_turn_of_the_loop(client: Client) -> None:
    await client.post()
    application, schema, pacer, ended, turns = client.application, make_schema(), Pacer(), list[int](), [0]

    async def count() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    async def execute() -> None:
        context = Context(application[INBOX], application[RULES_SERVICE], application[HUB], pacer, True, False)
        query = '{ notifications(username: "test", peek: true) { id } }'
        assert not (await schema.execute(query, context_value=context)).errors
        ended.append(turns[0])

    counting = asyncio.create_task(count())
    await asyncio.gather(*(execute() for _ in range(20)))
    counting.cancel()
    assert len(set(ended)) == 20


async def test_a_create_does_not_wait_for_those_who_subscribe(client: Client) -> None:
    hub = client.application[HUB]
    async with AsyncExitStack() as stack:
        for _ in range(10):
            socket = await stack.enter_async_context(opened(client))
            for number in range(MAX_OPERATIONS):
                await socket.send_json(subscribe(str(number)))
        await until(lambda: hub.listeners == 10 * MAX_OPERATIONS)
        listeners = list(hub._topics["test"].listeners)
        await until(lambda: not any(one._events for one in listeners))
        await client.post()
        assert sum(bool(one._events) for one in listeners) > len(listeners) / 2
        await until(lambda: not any(one._events for one in listeners))


async def test_a_subscriber_that_falls_behind_gets_a_reset_and_its_subscription_is_complete(client: Client) -> None:
    hub = client.application[HUB]
    async with opened(client) as socket:
        await socket.send_json(subscribe())
        assert (await socket.receive_json(timeout=10))["payload"]["data"]["feed"]["kind"] == "COUNTS"
        hub._topics["test"].publish([Counted(NOTHING)] * (MAX_QUEUE + 1))
        assert (await socket.receive_json(timeout=10))["payload"]["data"]["feed"]["kind"] == "RESET"
        assert (await socket.receive_json(timeout=10)) == {"id": "1", "type": "complete"}
        await until(lambda: hub.listeners == 0 and hub._topics == {})
