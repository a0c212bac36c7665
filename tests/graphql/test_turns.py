"""GraphQL leaves turns of the event loop to others, however many requests and subscribers come together."""

import asyncio
from typing import Any

from notification.http.keys import HUB, INBOX
from tests.graphql.conftest import ask
from tests.http.conftest import Client

MANY = 20
QUERY = '{ notifications(username: "test") { id } }'
SUBSCRIPTION = 'subscription { feed(username: "test") { __typename } }'


class Turns:
    """Numbers the turns of the event loop, and notes in which ones something was called."""

    def __init__(self) -> None:
        self.now = 0
        self.noted: list[int] = []
        self._timer: asyncio.Handle | None = None

    def start(self) -> None:
        self.now += 1
        self._timer = asyncio.get_running_loop().call_soon(self.start)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def noting(self, function: Any) -> Any:
        """Note each call of this function."""

        def call(*args: Any, **options: Any) -> Any:
            self.noted.append(self.now)
            return function(*args, **options)

        return call


async def test_requests_that_wait_for_the_first_use_begin_one_in_each_turn(client: Client) -> None:
    await client.post()
    turns = Turns()
    inbox: Any = client.application[INBOX]
    inbox.page = turns.noting(inbox.page)
    turns.start()
    await asyncio.gather(*(ask(client, QUERY) for _ in range(MANY)))
    turns.stop()
    assert len(turns.noted) == len(set(turns.noted)) == MANY


async def test_subscriptions_that_come_together_begin_one_in_each_turn(client: Client) -> None:
    await client.post()
    turns = Turns()
    hub: Any = client.application[HUB]
    hub.join = turns.noting(hub.join)
    async with client.http.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.receive_json()
        turns.start()
        for number in range(MANY):
            await socket.send_json({"id": str(number), "type": "subscribe", "payload": {"query": SUBSCRIPTION}})
        for _ in range(MANY):
            await socket.receive_json()
        turns.stop()
    assert len(turns.noted) == len(set(turns.noted)) == MANY
