"""The stream of events: what it gives, and how it goes on over lost connections."""

from contextlib import aclosing

import pytest

from notification.client import (
    Arrived,
    Cleared,
    Counted,
    Counts,
    Cursor,
    Event,
    NotificationClient,
    NotUnderstood,
    Refused,
    Removed,
    Reset,
    Retries,
    Seen,
    Unavailable,
)
from notification.client.streaming import REMEMBERED
from tests.client.conftest import HASTY, OpenFlaky, Serve
from tests.client.scripted_server import ScriptedServer, reply, stream
from tests.waiting import until

COMMENT = ": still here\n\n"
COUNTS = 'event: counts\ndata: {"unseen":1,"total":2,"groups":2,"unseen_groups":1}\n\n'
BUSY = reply("503 Service Unavailable", b'{"code":503,"message":"later"}')


def arrival(id_: str) -> str:
    return f"event: notification\nid: {id_}\ndata: {item(id_)}}}\n\n"


def again(id_: str) -> str:
    """One that is sent again, which moves no position."""
    return f'event: notification\ndata: {item(id_)},"replayed":true}}\n\n'


def item(id_: str) -> str:
    return f'{{"id":"{id_}","category":"like","message":"hi","created_at":"2026-11-22T15:17:16.987Z","unseen":true'


async def events(server: ScriptedServer, count: int, since: str | None = None) -> list[Event]:
    """The first so many of them."""
    got: list[Event] = []
    async with (
        NotificationClient(server.url, retries=HASTY) as client,
        aclosing(client.stream("bob", since=since)) as all_,
    ):
        async for event in all_:
            got.append(event)
            if len(got) == count:
                break
    return got


def told(got: list[Event]) -> list[str]:
    """The ids of those that arrived, the names of other events."""
    return [event.notification.id if isinstance(event, Arrived) else type(event).__name__ for event in got]


def resumed(server: ScriptedServer) -> list[str | None]:
    return [request.headers.get("last-event-id") for request in server.requests]


async def test_every_event_has_its_type(serve: Serve) -> None:
    server = await serve(
        stream(
            COMMENT,
            arrival("7"),
            'event: removed\ndata: {"ids":["5","6"]}\n\n',
            "event: cleared\ndata: {}\n\n",
            'event: seen\ndata: {"key":"bob-notifications","value":"7"}\n\n',
            COUNTS,
            "event: later\ndata: a type that is not known yet\n\n",
            "event: reset\ndata: {}\n\n",
        )
    )
    first, *rest = await events(server, 6)
    assert isinstance(first, Arrived)
    assert (first.notification.id, first.notification.unseen) == ("7", True)
    assert rest == [
        Removed(("5", "6")),
        Cleared(),
        Seen(Cursor("bob-notifications", "7")),
        Counted(Counts(1, 2, 2, 1)),
        Reset(),
    ]


async def test_a_lost_stream_is_resumed_after_the_last_id(serve: Serve) -> None:
    server = await serve(
        stream(arrival("7"), COUNTS, arrival("8")[:-1]), None, BUSY, stream(arrival("8"), arrival("9"))
    )
    assert told(await events(server, 4)) == ["7", "Counted", "8", "9"]
    assert resumed(server) == [None, "7", "7", "7"]


async def test_a_stream_resumes_from_where_it_was_told_to(serve: Serve) -> None:
    server = await serve(stream(COMMENT), stream(arrival("9")))
    assert told(await events(server, 1, since="8")) == ["9"]
    assert resumed(server) == ["8", "8"]


async def test_a_stream_that_has_nothing_to_resume_from_says_that_something_may_be_missed(serve: Serve) -> None:
    server = await serve(stream(COUNTS), stream(arrival("9")))
    assert told(await events(server, 3)) == ["Counted", "Reset", "9"]


async def test_a_stream_that_is_cut_off_again_and_again_goes_on(serve: Serve) -> None:
    server = await serve(*(stream(arrival(str(number))) for number in range(30)))
    assert told(await events(server, 30)) == [str(number) for number in range(30)]


async def test_of_what_is_sent_again_only_what_was_not_delivered_is(serve: Serve) -> None:
    began = "id: 5\n" + COUNTS
    resumed_ = stream(again("4"), again("6"), again("7"), arrival("9"))
    server = await serve(stream(began, arrival("7"), arrival("8")), resumed_, resumed_, stream(arrival("99")))
    assert told(await events(server, 6)) == ["Counted", "7", "8", "6", "9", "99"]
    assert resumed(server) == [None, "8", "9", "9"]


async def test_what_was_made_before_the_stream_began_is_not_delivered_as_arrived(serve: Serve) -> None:
    old = [again(str(number)) for number in range(100, 400)]
    server = await serve(stream(*old, arrival("500")))
    assert told(await events(server, 1, since="400")) == ["500"]
    server = await serve(stream("id: 400\n" + COUNTS, arrival("450")), stream(*old, arrival("500")))
    assert told(await events(server, 3)) == ["Counted", "450", "500"]


async def test_a_stream_lost_before_anything_arrived_resumes_from_where_it_began(serve: Serve) -> None:
    server = await serve(stream("id: 5\n" + COUNTS), stream(arrival("6")))
    assert told(await events(server, 2)) == ["Counted", "6"]
    assert resumed(server) == [None, "5"]


async def test_removals_and_cursors_that_are_sent_again_are_delivered_once(serve: Serve) -> None:
    def removed(ids: str, more: str = "") -> str:
        return f'event: removed\ndata: {{"ids":{ids}{more}}}\n\n'

    def seen(value: str, more: str = "") -> str:
        return f'event: seen\ndata: {{"key":"k","value":"{value}"{more}}}\n\n'

    mark = ',"replayed":true'
    server = await serve(
        stream("id: 5\n" + COUNTS, removed('["1"]'), seen("4")),
        stream(removed('["1","2"]', mark), seen("4", mark), seen("5", mark)),
        stream(removed('["1","2"]', mark), arrival("6")),
    )
    got = await events(server, 6)
    assert got[1:5] == [Removed(("1",)), Seen(Cursor("k", "4")), Removed(("2",)), Seen(Cursor("k", "5"))]
    assert told(got[5:]) == ["6"]


async def test_what_comes_back_after_it_was_removed_is_delivered_again(serve: Serve) -> None:
    server = await serve(stream(arrival("7"), 'event: removed\ndata: {"ids":["7"]}\n\n', arrival("7")))
    assert told(await events(server, 3)) == ["7", "Removed", "7"]


async def test_against_the_service_nothing_older_than_the_stream_arrives_whatever_is_cut(
    open_flaky: OpenFlaky, client: NotificationClient
) -> None:
    for _ in range(30):
        await client.create("bob", "like", "old")
    made: list[str] = []
    arrived: list[str] = []
    proxy = await open_flaky(3)
    async with (
        NotificationClient(proxy.url, retries=HASTY) as reader,
        aclosing(reader.stream("bob")) as all_,
    ):
        assert isinstance(await anext(all_), Counted)
        for _ in range(30):
            made += [(await client.create("bob", "like", "new")).id]
        async for event in all_:
            arrived += [event.notification.id] if isinstance(event, Arrived) else []
            if len(arrived) in (5, 10):
                for writer in list(proxy._writers):
                    writer.transport.abort()
            if len(arrived) == len(made):
                break
    assert sorted(arrived) == made


async def test_a_stream_remembers_no_more_notifications_than_a_feed_holds(serve: Serve) -> None:
    many = [str(number) for number in range(REMEMBERED + 1)]
    server = await serve(stream(*map(arrival, many)), stream(*map(arrival, [many[0], many[-1], "new"])))
    assert told(await events(server, len(many) + 2))[-2:] == [many[0], "new"]


async def test_a_stream_that_never_comes_is_unavailable_once_patience_has_ended(serve: Serve) -> None:
    server = await serve(BUSY)
    async with NotificationClient(server.url, retries=Retries(deadline=0.05, first=0.001)) as client:
        with pytest.raises(Unavailable, match="later"):
            await anext(client.stream("bob"))
    assert len(server.requests) > 1


async def test_a_stream_whose_resets_are_all_that_comes_is_asked_for_less_and_less_often(serve: Serve) -> None:
    server = await serve(stream("event: reset\ndata: {}\n\n"))
    retries = Retries(deadline=0.05, first=0.001, longest=1000.0)
    async with NotificationClient(server.url, retries=retries) as client:
        with pytest.raises(Unavailable, match="ended the stream"):
            assert not [event async for event in client.stream("bob", since="7") if isinstance(event, Arrived)]
    assert len(server.requests) < 100


async def test_a_stream_that_is_refused_is_not_asked_for_again(serve: Serve) -> None:
    server = await serve(reply("400 Bad Request", b'{"code":400,"message":"Invalid path"}'))
    async with NotificationClient(server.url) as client:
        with pytest.raises(Refused, match="Invalid path"):
            await anext(client.stream("a/b"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        reply(body=b"{}", content_type="application/json"),
        stream("event: notification\ndata: 5\n\n"),
        stream("event: seen\ndata: {}\n\n"),
        stream("event: removed\ndata: [\n\n"),
    ],
)
async def test_a_stream_of_something_else_is_not_understood(serve: Serve, answer: bytes) -> None:
    server = await serve(answer)
    async with NotificationClient(server.url) as client:
        with pytest.raises(NotUnderstood):
            await anext(client.stream("bob"))


async def test_leaving_a_stream_closes_its_connection(serve: Serve) -> None:
    server = await serve(stream(arrival("7"), end=False))
    async with NotificationClient(server.url) as client:
        async with aclosing(client.stream("bob")) as all_:
            assert told([await anext(all_)]) == ["7"]
            assert server.open_connections == 1
        await until(lambda: server.open_connections == 0)
