"""What holds over a bad network with any server: nothing is lost, and every attempt of a create carries one key."""

import pytest

from notification.client import NotificationClient
from tests.client.conftest import HASTY, OpenFlaky
from tests.client.flaky_proxy import Failure


@pytest.mark.parametrize("seed", range(3))
async def test_no_create_is_lost_and_each_has_one_key_for_all_its_attempts(
    client: NotificationClient, open_flaky: OpenFlaky, seed: int
) -> None:
    proxy = await open_flaky(seed)
    async with NotificationClient(proxy.url, retries=HASTY) as flaky:
        made = [await flaky.create("bob", "like", f"number {number}") for number in range(40)]
    listed = {item.id async for item in client.list("bob")}
    assert {one.id for one in made} <= listed
    assert len({request.headers["idempotency-key"] for request in proxy.requests}) == 40
    assert set(proxy.failures) == set(Failure)


async def test_reading_and_removing_go_through_all_the_same(client: NotificationClient, open_flaky: OpenFlaky) -> None:
    made = [(await client.create("bob", "like", "hi")).id for _ in range(30)]
    proxy = await open_flaky(7)
    async with NotificationClient(proxy.url, retries=HASTY) as flaky:
        assert [item.id async for item in flaky.list("bob", page_size=3)] == made[::-1]
        for id_ in made[:20]:
            await flaky.remove("bob", id_)
        assert [item.id async for item in flaky.list("bob", page_size=3)] == made[:19:-1]
