"""The client's methods, against the real application."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from notification.client import NotificationClient, Refused, Rule
from notification.client.client import MAX_IDS
from tests.client.running import running


async def test_a_create_gives_the_notification(client: NotificationClient) -> None:
    made = await client.create("bob", "like", "Ada liked your post", {"post": 42, "is_new": True, "by": "ada"})
    assert (made.category, made.message, made.unseen) == ("like", "Ada liked your post", True)
    assert made.properties == {"post": "42", "is_new": "true", "by": "ada"}
    assert made.created_at.utcoffset() == timedelta(0)
    assert made.created_at > datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_list_goes_through_all_pages_newest_first(client: NotificationClient) -> None:
    made = [(await client.create("bob", "like", str(number))).id for number in range(25)]
    assert [item.id async for item in client.list("bob", page_size=4)] == made[::-1]


async def test_a_list_has_groups_with_what_is_nested_in_them(client: NotificationClient) -> None:
    await client.put_rule("like", Rule(max_size=2))
    made = [(await client.create("bob", "like", "hi")).id for _ in range(4)]
    items = [item async for item in client.list("bob")]
    assert [item.id for item in items] == [made[3], made[0]]
    assert [nested.id for nested in items[0].notifications] == [made[2], made[1]]


async def test_the_list_of_a_user_without_notifications_is_empty(client: NotificationClient) -> None:
    assert [item async for item in client.list("nobody")] == []
    assert (await client.page("nobody")).items == ()


async def test_a_page_has_as_many_items_as_asked_for_and_says_how_to_go_on(client: NotificationClient) -> None:
    made = [(await client.create("bob", "like", "hi")).id for _ in range(5)]
    first = await client.page("bob", limit=3)
    second = await client.page("bob", first.next)
    assert [item.id for page in (first, second) for item in page.items] == made[::-1]
    assert second.next is None


async def test_reading_marks_all_as_seen(client: NotificationClient) -> None:
    await client.create("bob", "like", "hi")
    assert [[item.unseen async for item in client.list("bob")] for _ in range(2)] == [[True], [False]]


async def test_removing_some_leaves_the_others(client: NotificationClient) -> None:
    one, two, three = [(await client.create("bob", "like", "hi")).id for _ in range(3)]
    await client.remove("bob", one, three)
    assert [item.id async for item in client.list("bob")] == [two]


async def test_removing_none_removes_nothing(client: NotificationClient) -> None:
    made = await client.create("bob", "like", "hi")
    await client.remove("bob")
    await client.remove("bob", "")
    assert [item.id async for item in client.list("bob")] == [made.id]


async def test_more_can_be_removed_than_one_request_names(client: NotificationClient) -> None:
    made = await asyncio.gather(*(client.create("bob", "like", "hi") for _ in range(MAX_IDS + 10)))
    await client.remove("bob", *(one.id for one in made[1:]))
    assert [item.id async for item in client.list("bob")] == [made[0].id]


async def test_removing_all_leaves_none(client: NotificationClient) -> None:
    await client.create("bob", "like", "hi")
    await client.remove_all("bob")
    assert [item async for item in client.list("bob")] == []


async def test_rules_are_put_shown_and_removed(client: NotificationClient) -> None:
    assert await client.rules() == {}
    await client.put_rule("like", Rule(10, "12h", "post"))
    await client.put_rule("a/b é", Rule(match_on="post"))
    await client.put_rule("share", Rule(max_size=1))
    await client.remove_rule("share")
    assert await client.rules() == {"like": Rule(10, "12 hours", "post"), "a/b é": Rule(match_on="post")}
    await client.remove_rules()
    assert await client.rules() == {}


async def test_ping_and_version_answer(client: NotificationClient) -> None:
    await client.ping()
    assert await client.version() == "0.1.0"


async def test_a_refusal_tells_every_reason(client: NotificationClient) -> None:
    with pytest.raises(Refused) as caught:
        await client.create("bob", "x", "")
    assert (caught.value.status, caught.value.message) == (422, "Invalid fields")
    assert [reason.partition(":")[0] for reason in caught.value.reasons] == ["category", "message"]


async def test_the_url_of_a_service_may_have_a_path(tmp_path: Path) -> None:
    async with running(tmp_path, text="server: {base_path: /api}") as url:
        for base in (f"{url}/api", f"{url}/api/"):
            async with NotificationClient(base) as client:
                made = await client.create("test", "like", "hi")
                assert made.id in [item.id async for item in client.list("test")]
                await client.ping()


@pytest.mark.parametrize("username", ["x" * 129, "../rules", "a/b", "a\n", "\udcff"])
async def test_a_name_that_no_user_has_is_refused(client: NotificationClient, username: str) -> None:
    with pytest.raises(Refused) as caught:
        await client.create(username, "like", "hi")
    assert caught.value.status == 400


async def test_a_name_with_every_allowed_sign_is_taken(client: NotificationClient) -> None:
    made = await client.create("A.b_c~d@e:f+g-9", "like", "hi")
    assert [item.id async for item in client.list("A.b_c~d@e:f+g-9")] == [made.id]


async def test_a_session_that_was_given_is_left_open(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with NotificationClient(url, session=session) as client:
            await client.ping()
        assert not session.closed


async def test_a_client_that_was_closed_connects_again(client: NotificationClient) -> None:
    await client.ping()
    await client.close()
    await client.ping()


@pytest.mark.parametrize("address", ["", "127.0.0.1:8080", "ftp://host", "http://", "http://host:port"])
def test_what_is_no_address_is_told_at_once(address: str) -> None:
    with pytest.raises(ValueError, match=r"http|port"):
        NotificationClient(address)


async def test_an_address_may_have_a_path(url: str) -> None:
    async with NotificationClient(url + "/nowhere/") as client:
        with pytest.raises(Refused, match="404"):
            await client.page("bob")
