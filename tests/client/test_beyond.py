"""The client against what the service does beyond its predecessor, and against a network that fails all the time."""

import asyncio
import os
import random
from collections import Counter
from contextlib import aclosing

import pytest

from notification.client import Arrived, Counted, Counts, NotificationClient, Refused, Removed, Seen
from tests.client.conftest import HASTY, OpenFlaky
from tests.client.flaky_proxy import Failure

CREATES = 1000
WRITERS = 16


@pytest.fixture
def seed() -> int:
    """Another one on each run; `FLAKY_SEED` plays one again."""
    seed = int(os.environ.get("FLAKY_SEED") or random.randrange(2**32))
    print(f"FLAKY_SEED={seed}")  # pytest shows it where the test fails
    return seed


async def test_a_thousand_creates_over_a_network_that_fails_every_third_request_make_a_thousand(
    client: NotificationClient, open_flaky: OpenFlaky, seed: int
) -> None:
    proxy = await open_flaky(seed)
    numbers = iter(range(CREATES))
    made: dict[str, str] = {}

    async with NotificationClient(proxy.url, retries=HASTY) as flaky:

        async def write() -> None:
            for number in numbers:
                notification = await flaky.create("bob", "like", f"number {number}")
                made[notification.message] = notification.id

        await asyncio.gather(*(write() for _ in range(WRITERS)))

    stored = [(item.message, item.id) async for item in client.list("bob", page_size=1000)]
    assert len(stored) == CREATES
    assert dict(stored) == made
    assert set(proxy.failures) == set(Failure)
    assert sum(proxy.failures.values()) == len(proxy.requests) // 3


async def test_a_fan_out_over_a_network_that_fails_makes_one_for_each(
    client: NotificationClient, open_flaky: OpenFlaky, seed: int
) -> None:
    proxy = await open_flaky(seed)
    names = [f"user-{number}" for number in range(5)]
    async with NotificationClient(proxy.url, retries=HASTY) as flaky:
        for number in range(20):
            outcome = await flaky.create_many(names, "like", f"number {number}")
            assert (outcome.created, outcome.failed) == (5, 0)
    for name in names:
        assert Counter([item.message async for item in client.list(name)]).most_common(1)[0][1] == 1
        assert (await client.count(name)).total == 20


async def test_a_fan_out_tells_what_became_of_each(client: NotificationClient) -> None:
    outcome = await client.create_many(["ada", "not/a name", "bob"], "like", "hi", {"post": 42})
    assert (outcome.created, outcome.failed) == (2, 1)
    assert [result.username for result in outcome.results] == ["ada", "not/a name", "bob"]
    assert [bool(result.id) for result in outcome.results] == [True, False, True]
    assert outcome.results[1].code == 400
    assert [item.properties async for item in client.list("bob")] == [{"post": "42"}]


async def test_a_key_used_again_gives_the_notification_that_was_made(client: NotificationClient) -> None:
    made = [await client.create("bob", "like", "hi", idempotency_key="key") for _ in range(2)]
    assert made[0].id == made[1].id
    assert (await client.count("bob")).total == 1


async def test_a_key_used_for_something_else_is_refused(client: NotificationClient) -> None:
    await client.create("bob", "like", "hi", idempotency_key="key")
    with pytest.raises(Refused, match="422"):
        await client.create("bob", "like", "other", idempotency_key="key")


async def test_peeking_marks_nothing_as_seen(client: NotificationClient) -> None:
    await client.create("bob", "like", "hi")
    assert [item.unseen async for item in client.list("bob", peek=True)] == [True]
    assert [item.unseen for item in (await client.page("bob", peek=True)).items] == [True]


async def test_a_page_that_is_known_is_sent_again_only_where_it_has_changed(client: NotificationClient) -> None:
    await client.create("bob", "like", "hi")
    known = await client.page("bob", peek=True)
    assert (await client.page("bob", peek=True, known=known)).items is known.items
    made = await client.create("bob", "like", "again")
    changed = await client.page("bob", peek=True, known=known)
    assert [item.id for item in changed.items] == [made.id, known.items[0].id]


async def test_a_known_page_comes_with_the_counts_and_the_next_page_of_now(client: NotificationClient) -> None:
    for _ in range(3):
        last = await client.create("bob", "like", "hi")
    first = await client.page("bob", limit=1, peek=True)
    known = await client.page("bob", first.next, peek=True)
    await client.remove("bob", last.id)
    again = await client.page("bob", first.next, peek=True, known=known)
    assert again.items is known.items
    assert (known.total_count, again.total_count) == (3, 2)


async def test_counts_are_exact_and_mark_nothing_as_seen(client: NotificationClient) -> None:
    assert await client.count("bob") == Counts(0, 0, 0, 0)
    for _ in range(3):
        await client.create("bob", "like", "hi")
    assert await client.count("bob") == Counts(unseen=3, total=3, groups=3, unseen_groups=3)
    page = await client.page("bob", limit=1)
    assert (page.unseen_count, page.total_count) == (3, 3)
    assert await client.count("bob") == Counts(unseen=0, total=3, groups=3, unseen_groups=0)


async def test_a_cursor_moves_forward_only(client: NotificationClient) -> None:
    assert await client.cursor("bob") is None
    one, two = [(await client.create("bob", "like", "hi")).id for _ in range(2)]
    await client.move_cursor("bob", two)
    await client.move_cursor("bob", one)
    cursor = await client.cursor("bob")
    assert cursor
    assert (cursor.key, cursor.value) == ("bob-notifications", two)


async def test_cursors_of_other_names_are_a_users_own(client: NotificationClient) -> None:
    made = await client.create("bob", "like", "hi")
    await client.move_cursor("bob", made.id, "mail")
    assert await client.cursor("bob") is None
    assert await client.cursor("bob", "mail") is not None


async def test_a_stream_tells_what_happens(client: NotificationClient) -> None:
    first = await client.create("bob", "like", "before")
    async with asyncio.timeout(20), aclosing(client.stream("bob", since=first.id)) as events:
        listening = asyncio.ensure_future(anext(event async for event in events if isinstance(event, Arrived)))
        made = await client.create("bob", "like", "hi")
        assert (await listening).notification.id == made.id
        await client.remove("bob", first.id)
        assert await anext(event async for event in events if isinstance(event, Removed)) == Removed((first.id,))
        await client.page("bob")
        seen = await anext(event async for event in events if isinstance(event, Seen))
        assert seen.cursor.value == made.id
        counted = await anext(event async for event in events if isinstance(event, Counted))
        assert (counted.counts.unseen, counted.counts.total) == (0, 1)


async def test_a_stream_over_a_network_that_fails_misses_no_notification(
    client: NotificationClient, open_flaky: OpenFlaky, seed: int
) -> None:
    proxy = await open_flaky(seed)
    first = await client.create("bob", "like", "before")
    async with NotificationClient(proxy.url, retries=HASTY) as flaky:
        made = [(await flaky.create("bob", "like", "hi")).id for _ in range(30)]
        for _ in range(3):  # one of them fails
            async with asyncio.timeout(20), aclosing(flaky.stream("bob", since=first.id)) as events:
                arrived = (event.notification.id async for event in events if isinstance(event, Arrived))
                assert [await anext(arrived) for _ in made] == made
