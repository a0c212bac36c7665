"""Live streams send every change of this process and of others, and can be resumed after an interruption."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from notification.http.keys import HUB
from siblings.ksuid import encode
from tests.http.conftest import Client, OpenClient
from tests.waiting import until

FAST = "live: {poll_interval: 50 ms, heartbeat: 50 ms}"


class Stream:
    """A reader of a stream, with its events and the state that follows from them."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []
        self.comments = 0
        self.last_id: str | None = None
        self.positions: list[str] = []
        self.shown: dict[str, Any] = {}
        self.counts: dict[str, int] = {}
        self.ended = False

    def take(self, block: str) -> None:
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and line[0] != ":")
        if not fields:
            self.comments += 1
            return
        name, data = fields["event"], json.loads(fields["data"])
        self.events.append((name, data))
        self.last_id = fields.get("id", self.last_id)
        self.positions += [fields["id"]] if "id" in fields else []
        if name == "notification":
            self.shown[data["id"]] = data
        elif name == "removed":
            self.shown = {id_: one for id_, one in self.shown.items() if id_ not in data["ids"]}
        elif name in ("cleared", "reset"):
            self.shown = {}
        elif name == "counts":
            self.counts = data

    def names(self) -> list[str]:
        return [name for name, _ in self.events]


@asynccontextmanager
async def stream(client: Client, since: str | None = None, username: str = "test") -> AsyncIterator[Stream]:
    """Read the stream until the block ends, which closes the connection."""
    heard = Stream()
    headers = {"Last-Event-ID": since} if since else {}
    async with client.http.get(f"/v1/notifications/{username}/stream", headers=headers) as reply:
        assert reply.status == 200, await reply.text()
        assert reply.headers["Content-Type"] == "text/event-stream"

        async def read() -> None:
            while block := await reply.content.readuntil(b"\n\n"):
                heard.take(block.decode())
            heard.ended = True

        reading = asyncio.create_task(read())
        await until(lambda: bool(heard.counts))
        try:
            yield heard
        finally:
            reading.cancel()
            reply.close()


async def test_a_stream_begins_with_the_counts(client: Client) -> None:
    await client.post()
    async with stream(client) as heard:
        assert heard.events == [("counts", {"unseen": 1, "total": 1, "groups": 1, "unseen_groups": 1})]


async def test_every_change_is_heard_and_the_counts_after_it(client: Client) -> None:
    async with stream(client) as heard:
        one = await client.post(message="one", properties={"a": "b"})
        await until(lambda: heard.counts["unseen"] == 1)
        await client.items()
        await until(lambda: heard.counts["unseen"] == 0)
        await client.remove(one)
        await until(lambda: heard.counts["total"] == 0)
        await client.post()
        await until(lambda: heard.counts["total"] == 1)
        await client.call("DELETE", "/v1/notifications/test")
        await until(lambda: heard.counts["total"] == 0)
        assert heard.names() == [
            "counts", "notification", "counts", "seen", "counts", "removed", "counts", "notification", "counts",
            "cleared", "counts",
        ]  # fmt: skip
        arrived = heard.events[1][1]
        assert (arrived["id"], arrived["message"], arrived["unseen"]) == (one, "one", True)
        assert heard.events[3][1] == {"key": "test-notifications", "value": one}
        assert heard.events[5][1] == {"ids": [one]}


async def test_only_what_moves_the_position_carries_an_id(client: Client) -> None:
    async with stream(client) as heard:
        id_ = await client.post()
        await until(lambda: heard.last_id == id_)
        await client.items()
        await until(lambda: "seen" in heard.names())
        assert heard.positions == [encode(0), id_]


async def test_what_another_process_does_is_heard(open_client: OpenClient) -> None:
    here, there = await open_client(FAST), await open_client(FAST)
    async with stream(here) as heard:
        id_ = await there.post()
        await until(lambda: id_ in heard.shown)
        await there.items()
        await until(lambda: heard.counts["unseen"] == 0)
        await there.remove(id_)
        await until(lambda: heard.counts["total"] == 0)


async def test_a_rule_of_another_process_changes_the_counts(open_client: OpenClient) -> None:
    here, there = await open_client(FAST + "\nrule_cache_timeout: 50 ms"), await open_client(FAST)
    for _ in range(3):
        await here.post()
    async with stream(here) as heard:
        await there.call("PUT", "/v1/rules/like", json={"max_size": 9})
        await until(lambda: heard.counts["groups"] == 1)


async def test_a_quiet_stream_says_that_it_is_still_there(open_client: OpenClient) -> None:
    async with stream(await open_client(FAST)) as heard:
        await until(lambda: heard.comments >= 3)


async def test_a_stream_resumed_begins_with_what_was_missed(client: Client) -> None:
    known, gone, missed = await client.post(), await client.post(), await client.post()
    await client.remove(gone)
    async with stream(client, since=known) as heard:
        assert set(heard.shown) == {missed}
        assert ("removed", {"ids": [gone], "replayed": True}) in heard.events
        assert "reset" not in heard.names()


async def test_what_was_sent_before_is_marked_and_the_one_that_is_named_is_not_sent(client: Client) -> None:
    before, named, missed = await client.post(), await client.post(), await client.post()
    await client.items()
    async with stream(client, since=named) as heard:
        assert heard.shown.keys() == {before, missed}
        assert heard.shown[before]["replayed"] is True
        assert "replayed" not in heard.shown[missed]
        assert dict(heard.events)["seen"]["replayed"] is True
        live = await client.post()
        await until(lambda: live in heard.shown)
        assert "replayed" not in heard.shown[live]


async def test_the_position_to_resume_from_is_given_at_once_and_never_moves_back(client: Client) -> None:
    before, named, missed = await client.post(), await client.post(), await client.post()
    async with stream(client) as heard:
        assert heard.positions == [missed]
    async with stream(client, since=named) as heard:
        assert heard.positions == [named, missed]
        assert before in heard.shown


async def test_a_stream_cut_before_anything_came_goes_on_from_where_it_began(client: Client) -> None:
    async with stream(client) as heard:
        assert heard.positions == [encode(0)]
    id_ = await client.post()
    async with stream(client, since=heard.last_id) as heard:
        assert set(heard.shown) == {id_}
        assert "replayed" not in heard.shown[id_]


async def test_since_may_be_in_the_query(client: Client) -> None:
    await client.post()
    reply = await client.http.get(f"/v1/notifications/test/stream?since={encode(5)}")
    assert b"event: notification" in await reply.content.readuntil(b"event: counts")
    reply.close()


async def test_a_stream_resumed_below_the_floor_is_told_to_reset(client: Client) -> None:
    old = await client.post()
    await client.call("DELETE", "/v1/notifications/test")
    new = await client.post()
    later = await client.post()
    async with stream(client, since=encode(5)) as heard:
        assert old not in heard.shown
        assert heard.names() == ["reset", "notification", "notification", "counts"]
        assert list(heard.shown) == [new, later]


@pytest.mark.parametrize("since", ["short", "z" * 27])
async def test_a_since_that_is_no_id_is_refused(client: Client, since: str) -> None:
    await client.call("GET", f"/v1/notifications/test/stream?since={since}", 400)


async def test_a_name_that_is_not_allowed_is_refused(client: Client) -> None:
    await client.call("GET", "/v1/notifications/a%00b/stream", 400)


async def test_a_reader_who_does_not_read_is_cut_off(open_client: OpenClient) -> None:
    client = await open_client(FAST)
    reader, writer = await asyncio.open_connection(client.http.host, client.http.port, limit=1024)
    writer.write(b"GET /v1/notifications/test/stream HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"event: counts")
    hub = client.application[HUB]
    assert hub.listeners == 1
    for _ in range(40):
        await asyncio.gather(*(client.post(message="x" * 255, properties={"p": "y" * 3000}) for _ in range(25)))
    await until(lambda: hub.listeners == 0, 30)
    writer.close()


async def test_streams_end_when_the_service_stops(open_client: OpenClient) -> None:
    client = await open_client()
    async with stream(client) as heard:
        await client.application[HUB].close()
        await until(lambda: heard.ended)


async def test_nothing_is_polled_for_a_feed_that_nobody_watches(open_client: OpenClient) -> None:
    client = await open_client(FAST)
    async with stream(client):
        assert client.application[HUB].listeners == 1
    await until(lambda: client.application[HUB].listeners == 0)
    assert client.application[HUB]._topics == {}


@pytest.mark.parametrize("seed", range(3))
async def test_counts_on_every_stream_agree_with_the_count_and_the_list(open_client: OpenClient, seed: int) -> None:
    dice = random.Random(seed)
    clients = [await open_client(FAST) for _ in range(2)]
    async with stream(clients[0]) as one, stream(clients[1]) as other:
        ids = [await clients[0].post()]
        for _ in range(80):
            await happen(dice.choice(clients), dice, ids)
        await until_all_agree(clients, [one, other])


async def happen(client: Client, dice: random.Random, ids: list[str]) -> None:
    what = dice.choices(["post", "remove", "see", "clear"], [10, 4, 3, 1])[0]
    if what == "post":
        ids.append(await client.post())
    elif what == "remove":
        await client.remove(dice.choice(ids))
    elif what == "see":
        await client.call("PUT", "/v1/cursors/test/notifications", json={"value": dice.choice(ids)})
    else:
        await client.call("DELETE", "/v1/notifications/test")


async def until_all_agree(clients: list[Client], streams: list[Stream]) -> None:
    counts = await (await clients[0].call("GET", "/v1/notifications/test/count", 200)).json()
    assert await (await clients[1].call("GET", "/v1/notifications/test/count", 200)).json() == counts
    reply = await clients[0].call(
        "GET", "/v1/notifications/test?peek=true", headers={"Range": "id; max=1000"}, expect=206
    )
    listed = {item["id"]: item["unseen"] for item in await reply.json()}
    assert (counts["total"], counts["unseen"]) == (len(listed), sum(listed.values()))
    for heard in streams:
        await until(lambda heard=heard: heard.counts == counts and heard.shown.keys() == listed.keys())  # type: ignore[misc]


async def test_a_stream_cut_a_hundred_times_misses_nothing(open_client: OpenClient) -> None:
    clients = [await open_client(FAST) for _ in range(2)]
    made: list[list[str]] = [[], []]

    async def post(number: int) -> None:
        for _ in range(500):
            made[number].append(await clients[number].post())
            await asyncio.sleep(0)

    posting = asyncio.gather(post(0), post(1))
    dice, shown, last = random.Random(5), {}, encode(1)
    for _ in range(100):
        async with stream(clients[0], since=last) as heard:
            await asyncio.sleep(dice.random() * 0.02)
        shown.update(heard.shown)
        last = heard.last_id or last
    await posting
    async with stream(clients[0], since=last) as heard:
        await until(lambda: shown.keys() | heard.shown.keys() == {*made[0], *made[1]})
    assert set(await clients[0].ids("id; max=1000")) == {*made[0], *made[1]}
