"""What the client does with each kind of failure: servers that answer what a test wrote down."""

import aiohttp
import pytest

from notification.client import NotificationClient, NotUnderstood, Refused, Retries, ServerFailed, Unavailable
from tests.client.conftest import HASTY, Serve
from tests.client.scripted_server import reply

CREATED = reply(
    "201 Created",
    b'{"id":"3MT3GpwZSdHKWhvVQdrsWKShw7x","category":"like","message":"hi","created_at":"2026-11-22T15:17:16.987Z"}',
)
BUSY = reply("503 Service Unavailable", b'{"code":503,"message":"The store gave no answer"}', retry_after="0")
CUT_OFF = CREATED[:-10]


@pytest.mark.parametrize(
    "failure",
    [None, BUSY, CUT_OFF, CREATED[:30], reply("429 Too Many Requests"), reply("502 Bad Gateway", b"<html>")],
)
async def test_a_create_is_repeated_with_the_same_key_until_it_is_answered(serve: Serve, failure: bytes | None) -> None:
    server = await serve(failure, failure, CREATED)
    async with NotificationClient(server.url, retries=HASTY, timeout=0.2) as client:
        made = await client.create("bob", "like", "hi")
    assert made.id == "3MT3GpwZSdHKWhvVQdrsWKShw7x"
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_every_create_has_a_key_of_its_own(serve: Serve) -> None:
    server = await serve(CREATED)
    async with NotificationClient(server.url) as client:
        await client.create("bob", "like", "hi")
        await client.create("bob", "like", "hi")
        await client.create("bob", "like", "hi", idempotency_key="mine")
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


async def test_a_pause_that_was_asked_for_and_is_longer_than_patience_ends_it(serve: Serve) -> None:
    server = await serve(reply("503 Service Unavailable", b'{"code":503,"message":"later"}', retry_after="3600"))
    async with NotificationClient(server.url) as client:
        with pytest.raises(Unavailable, match=r"later \(503\)") as caught:
            await client.page("bob")
    assert caught.value.retry_after == 3600
    assert len(server.requests) == 1


async def test_patience_ends(serve: Serve) -> None:
    server = await serve(BUSY)
    async with NotificationClient(server.url, retries=Retries(deadline=0.05, first=0.001)) as client:
        with pytest.raises(Unavailable):
            await client.ping()
    assert len(server.requests) > 1


async def test_nothing_is_repeated_where_that_was_asked_for(serve: Serve) -> None:
    server = await serve(BUSY)
    async with NotificationClient(server.url, retries=Retries(deadline=0)) as client:
        with pytest.raises(Unavailable):
            await client.create("bob", "like", "hi")
    assert len(server.requests) == 1


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with NotificationClient("http://127.0.0.1:1", retries=Retries(deadline=0)) as client:
        with pytest.raises(Unavailable, match="no reply from http://127"):
            await client.ping()


async def test_a_server_that_is_silent_is_unavailable(serve: Serve) -> None:
    server = await serve(b"")
    async with NotificationClient(server.url, retries=Retries(deadline=0), timeout=0.05) as client:
        with pytest.raises(Unavailable, match="no reply"):
            await client.ping()


@pytest.mark.parametrize(
    ("answer", "message", "reasons"),
    [
        (reply("422 X", b'{"code":422,"message":"Invalid fields","errors":["a: b","c: d"]}'), "Invalid fields",
         ("a: b", "c: d")),
        (reply("403 Forbidden", b"<html>no</html>"), "Forbidden", ()),
        (reply("499 X", b"[1]"), "Refused", ()),
        (reply("400 Bad Request", b'{"message":5,"errors":5}'), "Bad Request", ()),
        (reply("404 Not Found", b'{"code":404,"message":"Not Found"}'), "Not Found", ()),
        (reply("400 Bad Request", b"[" * 100_000), "Bad Request", ()),
    ],
)  # fmt: skip
async def test_a_refusal_is_not_repeated(serve: Serve, answer: bytes, message: str, reasons: tuple[str, ...]) -> None:
    server = await serve(answer)
    async with NotificationClient(server.url) as client:
        with pytest.raises(Refused) as caught:
            await client.page("bob")
    assert (caught.value.message, caught.value.reasons) == (message, reasons)
    assert len(server.requests) == 1


async def test_a_defect_of_the_server_is_not_repeated(serve: Serve) -> None:
    server = await serve(reply("500 X", b'{"code":500,"message":"Internal server error"}'))
    async with NotificationClient(server.url) as client:
        with pytest.raises(ServerFailed, match=r"Internal server error \(500\)") as caught:
            await client.page("bob")
    assert caught.value.status == 500
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        reply(body=b"<html>"), reply(body=b"{}"), reply(body=b"[5]"), reply(body=b"[{}]"), reply(body=b""),
        reply(body=b'[{"id":1,"category":"a","message":"b","created_at":"2026-11-22T15:17:16.987Z"}]'),
        reply(body=b'[{"id":"1","category":"a","message":"b","created_at":"yesterday"}]'),
        reply("302 Found", location="http://127.0.0.1:1/"), b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ],
)  # fmt: skip
async def test_an_answer_that_is_not_the_services_is_not_understood(serve: Serve, answer: bytes) -> None:
    server = await serve(answer)
    async with NotificationClient(server.url) as client:
        with pytest.raises(NotUnderstood):
            await client.page("bob")
    assert len(server.requests) == 1


async def test_fields_that_a_later_server_adds_are_ignored(serve: Serve) -> None:
    item = b'{"id":"1","category":"a","message":"b","created_at":"2026-11-22T15:17:16Z","unseen":false,"new":[]}'
    server = await serve(reply(body=b"[" + item + b"]"))
    async with NotificationClient(server.url) as client:
        (notification,) = (await client.page("bob")).items
    assert (notification.id, notification.unseen, notification.properties) == ("1", False, {})


async def test_a_page_has_the_counts_that_its_reply_tells(serve: Serve) -> None:
    server = await serve(
        reply(body=b"[]", x_unseen_count="3", x_total_count="12"), reply(body=b"[]", x_unseen_count="?")
    )
    async with NotificationClient(server.url) as client:
        pages = [await client.page("bob") for _ in range(2)]
    assert [(page.unseen_count, page.total_count) for page in pages] == [(3, 12), (None, None)]


async def test_a_next_range_of_many_groups_is_taken(serve: Serve) -> None:
    server = await serve(reply(body=b"[]", next_range="id; " + "x" * 20_000))
    async with aiohttp.ClientSession() as session, NotificationClient(server.url, session=session) as client:
        assert len((await client.page("bob")).next or "") == 20_004


async def test_a_fan_out_is_repeated_while_the_store_gives_no_answer_for_some(serve: Serve) -> None:
    failed = b'{"created":1,"failed":1,"results":[{"username":"a","id":"1"},{"username":"b","code":503,"message":"x"}]}'
    made = b'{"created":2,"failed":0,"results":[{"username":"a","id":"1"},{"username":"b","id":"2"}]}'
    server = await serve(reply(body=failed), reply(body=failed), reply(body=made))
    async with NotificationClient(server.url, retries=HASTY) as client:
        outcome = await client.create_many(["a", "b"], "like", "hi")
    assert [result.id for result in outcome.results] == ["1", "2"]
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1


async def test_a_fan_out_to_thousands_is_several_requests_with_a_key_each(serve: Serve) -> None:
    server = await serve(reply(body=b'{"created":1000,"failed":0,"results":[{"username":"a","id":"1"}]}'))
    async with NotificationClient(server.url) as client:
        outcome = await client.create_many((f"user-{n}" for n in range(2001)), "like", "hi", idempotency_key="key")
    assert [request.headers["idempotency-key"] for request in server.requests] == ["key", "key-1", "key-2"]
    assert (outcome.created, len(outcome.results)) == (3000, 3)


async def test_a_fan_out_to_nobody_asks_nothing(serve: Serve) -> None:
    server = await serve(None)
    async with NotificationClient(server.url) as client:
        assert (await client.create_many([], "like", "hi")).results == ()
    assert server.requests == []


async def test_a_certificate_that_is_not_trusted_is_not_asked_again(url: str) -> None:
    async with NotificationClient(url.replace("http:", "https:")) as client:
        with pytest.raises(NotUnderstood):
            await client.ping()
