"""Cursors, peeking, counts, and conditional reads."""

import random
from typing import Any

import pytest

from notification.services.cursor_names import MAX_NAMES
from siblings.ksuid import MAX_ID, encode, next_id
from tests.http.conftest import Client, Clock

COUNT = "/v1/notifications/test/count"


async def cursor(client: Client, name: str = "notifications") -> Any:
    return await (await client.call("GET", f"/v1/cursors/test/{name}", 200)).json()


async def move(client: Client, value: object, name: str = "notifications", expect: int = 204) -> None:
    await client.call("PUT", f"/v1/cursors/test/{name}", expect, json={"value": value})


async def counts(client: Client) -> list[int]:
    return list((await (await client.call("GET", COUNT, 200)).json()).values())


async def test_a_cursor_is_shown_as_it_is_stored(client: Client) -> None:
    await client.call("GET", "/v1/cursors/test/notifications", 404)
    id_ = await client.post()
    await client.items()
    assert await cursor(client) == {"key": "test-notifications", "value": id_}


async def test_a_cursor_moves_forward_only(client: Client) -> None:
    ids = [await client.post() for _ in range(3)]
    await move(client, ids[1])
    await move(client, ids[0])
    assert (await cursor(client))["value"] == ids[1]
    assert [item["unseen"] for item in await client.items()] == [True, False, False]


async def test_the_cursor_of_what_was_seen_never_passes_the_newest(client: Client, clock: Clock) -> None:
    newest = await client.post()
    await move(client, next_id(clock.now + 60_000_000_000, bytes(14)))
    assert (await cursor(client))["value"] == newest
    await client.post()
    assert [item["unseen"] for item in await client.items()] == [True, False]


async def test_a_cursor_of_a_feed_that_is_not_there_stays_away(client: Client) -> None:
    await move(client, encode(5))
    await client.call("GET", "/v1/cursors/test/notifications", 404)


async def test_other_cursors_are_the_callers_own(client: Client) -> None:
    await move(client, encode(7), "mail")
    assert await cursor(client, "mail") == {"key": "test-mail", "value": encode(7)}
    await client.call("GET", "/v1/cursors/test/push", 404)


@pytest.mark.parametrize("value", ["short", "", None, 5, "z" * 27, MAX_ID])
async def test_what_is_no_id_or_of_the_far_future_is_refused(client: Client, value: object) -> None:
    await move(client, value, expect=422)
    await move(client, value, "mail", expect=422)


@pytest.mark.parametrize("path", ["test/a-b", "test/x%20y", "a%2Fb/mail", "%ff/mail", f"test/{'x' * 129}"])
async def test_other_names_are_refused(client: Client, path: str) -> None:
    await client.call("GET", f"/v1/cursors/{path}", 400)
    await client.call("PUT", f"/v1/cursors/{path}", 400, json={"value": encode(5)})


async def test_removing_all_removes_the_cursor(client: Client) -> None:
    await client.post()
    await client.items()
    await client.call("DELETE", "/v1/notifications/test")
    await client.call("GET", "/v1/cursors/test/notifications", 404)


async def test_removing_all_removes_every_cursor_of_the_user_and_of_no_other(client: Client) -> None:
    id_ = await client.post()
    for name in ("mail", "digest"):
        await move(client, id_, name)
    await client.call("PUT", "/v1/cursors/test-mail/other", 204, json={"value": id_})
    await client.call("DELETE", "/v1/notifications/test", 204)
    for name in ("notifications", "mail", "digest"):
        await client.call("GET", f"/v1/cursors/test/{name}", 404)
    await client.call("GET", "/v1/cursors/test-mail/other", 200)


async def test_a_named_cursor_can_be_deleted_and_made_again(client: Client) -> None:
    ids = [await client.post() for _ in range(2)]
    await move(client, ids[1], "mail")
    for _ in range(2):
        await client.call("DELETE", "/v1/cursors/test/mail", 204)
    await client.call("GET", "/v1/cursors/test/mail", 404)
    await move(client, ids[0], "mail")
    assert (await cursor(client, "mail"))["value"] == ids[0]


async def test_a_deletion_of_a_cursor_that_says_more_is_refused(client: Client) -> None:
    await move(client, await client.post(), "mail")
    await client.call("DELETE", "/v1/cursors/test/mail?ids=1", 400)
    await client.call("DELETE", "/v1/cursors/test/notifications", 400)
    await cursor(client, "mail")


async def test_a_user_has_at_most_sixteen_named_cursors(client: Client) -> None:
    id_ = await client.post()
    for number in range(MAX_NAMES):
        await move(client, id_, f"reader{number}")
    refused = await client.call("PUT", "/v1/cursors/test/another", 422, json={"value": id_})
    assert (await refused.json())["errors"] == ["cursor: a user has at most 16 named cursors"]
    await client.call("GET", "/v1/cursors/test/another", 404)
    await move(client, id_, "reader3")
    await client.call("DELETE", "/v1/cursors/test/reader3", 204)
    await move(client, id_, "another")


async def test_peeking_moves_nothing(client: Client) -> None:
    await client.post()
    for _ in range(2):
        reply = await client.call("GET", "/v1/notifications/test?peek=true", 200)
        assert [item["unseen"] for item in await reply.json()] == [True]
    await client.call("GET", "/v1/notifications/test?peek=false", 200)
    assert [item["unseen"] for item in await client.items()] == [False]
    await client.call("GET", "/v1/notifications/test?peek=maybe", 400)


async def test_counts_are_exact_and_move_nothing(client: Client) -> None:
    assert await counts(client) == [0, 0, 0, 0]
    await client.call("PUT", "/v1/rules/like", json={"max_size": 2})
    for _ in range(4):
        await client.post()
    await client.items()
    for _ in range(5):
        await client.post()
    assert await counts(client) == await counts(client) == [5, 9, 4, 2]


async def test_every_list_says_how_much_there_is(client: Client) -> None:
    for _ in range(30):
        await client.post()
    first = await client.page()
    second = await client.page(first.headers["Next-Range"])
    assert [reply.headers["X-Total-Count"] for reply in (first, second)] == ["30", "30"]
    assert [reply.headers["X-Unseen-Count"] for reply in (first, second)] == ["30", "0"]


async def test_an_unchanged_list_or_count_is_304_without_a_body(client: Client) -> None:
    await client.post()
    await client.items()
    for path in ("/v1/notifications/test", COUNT):
        first = await client.call("GET", path, 200)
        second = await client.call("GET", path, 304, headers={"If-None-Match": first.headers["ETag"]})
        assert second.headers["ETag"] == first.headers["ETag"]
        assert second.headers.get("Content-Length", "0") == "0"
        assert second.headers["Cache-Control"] == first.headers["Cache-Control"]


@pytest.mark.parametrize("match", ['W/{0}, "x"', '"x", {0}', "*"])
async def test_any_of_several_tags_will_do(client: Client, match: str) -> None:
    await client.post()
    await client.items()
    tag = (await client.page()).headers["ETag"]
    await client.call("GET", "/v1/notifications/test", 304, headers={"If-None-Match": match.format(tag)})


async def test_an_unchanged_list_that_was_peeked_at_still_moves_the_cursor(client: Client) -> None:
    await client.post()
    tag = (await client.call("GET", "/v1/notifications/test?peek=true", 200)).headers["ETag"]
    await client.call("GET", "/v1/notifications/test", 304, headers={"If-None-Match": tag})
    assert (await counts(client))[0] == 0


@pytest.mark.parametrize("seed", range(4))
async def test_304_comes_exactly_when_the_body_would_be_the_same(client: Client, seed: int) -> None:
    dice = random.Random(seed)
    paths = ["/v1/notifications/test?peek=true", COUNT]
    ranges = ["", "id; max=2", "id; max=5"]
    known: dict[tuple[str, str], tuple[str, bytes]] = {}
    ids = [await client.post()]
    for _ in range(60):
        await happen(client, dice, ids)
        path, wanted = dice.choice(paths), dice.choice(ranges)
        body, tag = await read(client, path, wanted)
        if (path, wanted) in known:
            old_tag, old_body = known[path, wanted]
            headers = {"If-None-Match": old_tag, "Range": wanted}
            async with client.http.get(path, headers=headers) as reply:
                assert (reply.status == 304) == (body == old_body)
        known[path, wanted] = tag, body


async def read(client: Client, path: str, wanted: str) -> tuple[bytes, str]:
    async with client.http.get(path, headers={"Range": wanted}) as reply:
        return await reply.read(), reply.headers["ETag"]


async def happen(client: Client, dice: random.Random, ids: list[str]) -> None:
    what = dice.randrange(6)
    if what == 0:
        ids.append(await client.post())
    elif what == 1:
        await client.remove(dice.choice(ids))
    elif what == 2:
        await move(client, dice.choice(ids))
    elif what == 3:
        await client.call("PUT", "/v1/rules/like", json={"max_size": dice.randrange(1, 3)})
