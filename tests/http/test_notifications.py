"""`/v1/notifications/{username}`: creating, listing, removing, the cursor."""

import asyncio
import re
from itertools import pairwise
from urllib.parse import quote

import pytest
from yarl import URL

from siblings.ksuid import MAX_ID, encode, is_id, next_id
from tests.http.conftest import Client, Clock, OpenClient


async def test_a_create_answers_the_notification_and_where_it_is(client: Client) -> None:
    body = {"category": "like", "message": "hello", "properties": {"post": 7}, "id": "mine", "unseen": False}
    reply = await client.call("POST", "/v1/notifications/test", 201, json=body)
    created = await reply.json()
    assert list(created) == ["id", "category", "message", "created_at", "properties"]
    assert is_id(created["id"])
    assert created["properties"] == {"post": "7"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created["created_at"])
    assert reply.headers["Location"] == f"http://{client.http.host}:{client.http.port}/v1/notifications/test"


async def test_a_create_without_properties_answers_none(client: Client) -> None:
    reply = await client.call("POST", "/v1/notifications/test", 201, json={"category": "like", "message": "hello"})
    assert "properties" not in await reply.json()


async def test_the_path_of_a_location_leads_to_the_feed_for_every_allowed_name(client: Client) -> None:
    name = "A.b_c~d@e:f+g-9"
    reply = await client.call("POST", f"/v1/notifications/{name}", 201, json={"category": "like", "message": "m"})
    assert URL(reply.headers["Location"]).path == f"/v1/notifications/{name}"
    assert len(await client.items(username=name)) == 1


async def test_a_list_is_newest_first_with_every_field(client: Client) -> None:
    first, second = await client.post(message="one"), await client.post(message="two", properties={"a": "b"})
    items = await client.items()
    assert [item["id"] for item in items] == [second, first]
    assert list(items[0]) == ["id", "category", "message", "created_at", "unseen", "properties"]
    assert (items[0]["properties"], items[1]["properties"]) == ({"a": "b"}, {})


async def test_a_list_says_where_it_lies(client: Client) -> None:
    ids = [await client.post() for _ in range(3)]
    reply = await client.page()
    assert reply.status == 200
    assert reply.headers["Content-Range"] == f"id {ids[2]}..{ids[0]}"
    assert reply.headers["Accept-Ranges"] == "id"
    assert reply.headers["Cache-Control"] == "no-cache, no-store, no-transform, must-revalidate"
    assert reply.headers["Last-Modified"] == "Sun, 22 Nov 2026 08:38:04 GMT"
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert "Next-Range" not in reply.headers


async def test_a_list_shows_twenty_and_says_how_to_go_on(client: Client) -> None:
    ids = [await client.post() for _ in range(25)][::-1]
    reply = await client.page()
    assert [item["id"] for item in await reply.json()] == ids[:20]
    assert reply.headers["Next-Range"] == f"id ]{ids[19]}..; max=20; top={ids[0]}"
    reply = await client.page(reply.headers["Next-Range"])
    assert (reply.status, [item["id"] for item in await reply.json()]) == (206, ids[20:])
    assert "Next-Range" not in reply.headers


async def test_a_range_is_206_and_a_malformed_one_is_ignored(client: Client) -> None:
    ids = [await client.post() for _ in range(3)][::-1]
    assert await client.ids(f"id ]{ids[0]}..") == ids[1:]
    assert await client.ids(f"id {ids[0]}..{ids[2]}[") == ids[:2]
    assert (await client.page("id; max=2")).status == 206
    for ignored in ("id; max=0", "bytes=0-1", "nonsense"):
        reply = await client.page(ignored)
        assert (reply.status, len(await reply.json())) == (200, 3)


async def test_all_thousand_can_be_had_on_one_page_or_many(client: Client) -> None:
    ids = [await client.post(message=str(n)) for n in range(1005)][::-1]
    assert await client.ids("id; max=5000") == ids[:1000]
    walked: list[str] = []
    wanted: str | None = "id; max=300"
    while wanted:
        reply = await client.page(wanted)
        walked += [item["id"] for item in await reply.json()]
        wanted = reply.headers.get("Next-Range")
    assert walked == ids[:1000]


async def test_reading_the_newest_marks_all_as_seen(client: Client) -> None:
    await client.post()
    assert [item["unseen"] for item in await client.items()] == [True]
    await client.post()
    assert [item["unseen"] for item in await client.items()] == [True, False]
    assert [item["unseen"] for item in await client.items()] == [False, False]


async def test_head_answers_the_headers_and_moves_nothing(client: Client) -> None:
    await client.post()
    reply = await client.call("HEAD", "/v1/notifications/test", 200)
    assert reply.headers["Content-Range"]
    assert [item["unseen"] for item in await client.items()] == [True]


async def test_a_page_without_the_newest_moves_nothing(client: Client) -> None:
    ids = [await client.post() for _ in range(3)]
    await client.items(f"id ]{ids[2]}..")
    assert [item["unseen"] for item in await client.items()] == [True] * 3


async def test_later_pages_keep_what_was_unseen_on_the_first(client: Client) -> None:
    await client.post()
    await client.items()
    for _ in range(4):
        await client.post()
    first = await client.page("id; max=2")
    second = await client.items(first.headers["Next-Range"])
    assert [item["unseen"] for item in second] == [True, True]
    third = await client.items(f"{first.headers['Next-Range']}".replace("max=2", "max=9"))
    assert [item["unseen"] for item in third] == [True, True, False]


async def test_removing_the_one_under_the_cursor_leaves_the_rest_seen(client: Client) -> None:
    ids = [await client.post() for _ in range(3)]
    await client.items()
    await client.remove(ids[2])
    assert [item["unseen"] for item in await client.items()] == [False, False]


async def test_removed_ones_are_gone_and_unknown_ones_no_error(client: Client) -> None:
    ids = [await client.post() for _ in range(3)]
    await client.remove(ids[1], encode(5), "nonsense")
    assert await client.ids() == [ids[2], ids[0]]


async def test_a_feed_emptied_one_by_one_is_an_empty_list(client: Client) -> None:
    await client.remove(await client.post())
    reply = await client.page()
    assert (reply.status, await reply.json(), reply.headers["Accept-Ranges"]) == (200, [], "id")


async def test_a_feed_removed_as_a_whole_is_not_found_and_begins_anew(client: Client) -> None:
    old = await client.post()
    await client.items()
    await client.call("DELETE", "/v1/notifications/test")
    await client.call("GET", "/v1/notifications/test", 404)
    new = await client.post()
    assert [(item["id"], item["unseen"]) for item in await client.items()] == [(new, True)]
    assert new > old


async def test_an_empty_ids_parameter_removes_nothing(client: Client) -> None:
    id_ = await client.post()
    await client.call("DELETE", "/v1/notifications/test?ids=")
    assert await client.ids() == [id_]


async def test_a_thousand_ids_can_be_removed_at_once(client: Client) -> None:
    ids = [await client.post() for _ in range(30)]
    await client.remove(*ids[:20], *map(encode, range(1, 981)))
    assert await client.ids() == ids[:19:-1]


async def test_an_id_of_the_far_future_is_nobodys(client: Client) -> None:
    await client.remove(MAX_ID)
    id_ = await client.post()
    assert await client.ids() == [id_]


async def test_a_feed_never_written_is_not_found(client: Client) -> None:
    reply = await client.call("GET", "/v1/notifications/nobody", 404)
    assert await reply.json() == {"code": 404, "message": "Notifications not found"}


async def test_feeds_of_users_do_not_mix(client: Client) -> None:
    mine, yours = await client.post("me"), await client.post("you")
    assert (await client.ids(username="me"), await client.ids(username="you")) == ([mine], [yours])


async def test_ten_thousand_of_one_instant_are_in_order(client: Client, clock: Clock) -> None:
    standing_still = clock.now

    async def create() -> str:
        clock.now = standing_still
        return await client.post()

    ids: list[str] = []
    for _ in range(100):
        ids += sorted(await asyncio.gather(*(create() for _ in range(100))))
    assert all(a < b for a, b in pairwise(ids))
    assert await client.ids("id; max=1000") == ids[:-1001:-1]


async def test_a_clock_set_back_an_hour_still_puts_the_new_one_on_top(client: Client, clock: Clock) -> None:
    before = [await client.post() for _ in range(3)]
    clock.advance(-3600)
    after = [await client.post() for _ in range(3)]
    assert await client.ids() == (before + after)[::-1]


async def test_another_process_sees_it_all(open_client: OpenClient) -> None:
    one, other = await open_client(), await open_client()
    id_ = await one.post()
    assert await other.ids() == [id_]
    assert [item["unseen"] for item in await one.items()] == [False]


async def test_two_hundred_at_once_are_all_there_in_order(client: Client) -> None:
    ids = await asyncio.gather(*(client.post(message=str(n)) for n in range(200)))
    listed = await client.ids("id; max=1000")
    assert set(listed) == set(ids)
    assert all(a > b for a, b in pairwise(listed))


@pytest.mark.parametrize("username", ["%0A", "x" * 129, "%2F", "%7F", "%C2%85"])
async def test_other_names_are_refused(client: Client, username: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        reply = await client.call(method, f"/v1/notifications/{username}", 400, json={})
        assert (await reply.json())["code"] == 400


async def test_what_a_clock_far_ahead_made_can_be_removed_and_seen(client: Client, clock: Clock) -> None:
    clock.advance(7 * 86_400)
    early, late = await client.post(), await client.post()
    clock.advance(-7 * 86_400)
    await client.call("PUT", "/v1/cursors/test/notifications", 204, json={"value": early})
    await client.call("PUT", "/v1/cursors/test/notifications", 422, json={"value": MAX_ID})
    await client.remove(late)
    assert await client.ids() == [early]
    await client.remove(early)
    assert await client.ids() == []


async def test_what_another_process_made_far_ahead_can_be_removed(open_client: OpenClient, clock: Clock) -> None:
    here, there = await open_client(), await open_client()
    await here.post()
    clock.advance(7 * 86_400)
    late = await there.post()
    clock.advance(-7 * 86_400)
    await here.remove(late)
    assert late not in await there.ids()


async def test_ids_that_never_existed_take_at_most_twenty_slots(client: Client, clock: Clock) -> None:
    ids = [await client.post() for _ in range(10)][::-1]
    never = [next_id(clock.now + number * 1_000_000_000, bytes(14)) for number in range(1000)]
    await client.remove(*never)
    assert await client.ids() == ids


async def test_a_full_feed_loses_at_most_twenty_to_ids_that_never_existed(client: Client, clock: Clock) -> None:
    ids = [await client.post() for _ in range(1000)][::-1]
    await client.remove(ids[500], *(next_id(clock.now + n * 1_000_000_000, bytes(14)) for n in range(999)))
    assert await client.ids("id; max=1000") == [id_ for id_ in ids[:980] if id_ != ids[500]]


@pytest.mark.parametrize("blank", ["   ", "\t\n ", "\u00a0\u2003\u3000", "\u0085\u001c\ufeff"])
async def test_white_space_alone_is_no_category_and_no_message(client: Client, blank: str) -> None:
    path = "/v1/notifications/test"
    await client.call("POST", path, 422, json={"category": blank, "message": "hi"})
    await client.call("POST", path, 422, json={"category": "like", "message": blank})
    await client.call("PUT", f"/v1/rules/{quote(blank)}", 400, json={"max_size": 1})
    await client.call("GET", path, 404)


@pytest.mark.parametrize("wanted", ["id; max=2", "id ..; max=2", "id..;max=2"])
async def test_a_range_without_ids_is_the_first_page(client: Client, wanted: str) -> None:
    ids = [await client.post(message=f"m{number}") for number in range(3)]
    reply = await client.page(wanted)
    assert (reply.status, [item["id"] for item in await reply.json()]) == (206, [ids[2], ids[1]])
