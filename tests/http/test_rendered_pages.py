"""Each page is rendered once, and its rendered form is kept exactly as long as the view cache keeps the page."""

import asyncio
import gzip

from notification.domain.ranges import FIRST
from notification.http.keys import INBOX, RENDERED_PAGES
from tests.http.conftest import Client


async def test_a_rendered_page_goes_when_the_feed_changes(client: Client) -> None:
    rendered = client.application[RENDERED_PAGES]
    for number in range(3):
        await client.call("POST", "/v1/notifications/test", 201, json={"category": "like", "message": str(number)})
        for _ in range(2):
            await client.call("GET", "/v1/notifications/test?peek=true", 200)
        assert len(rendered) == 1


async def test_a_compressed_page_is_kept_too_and_takes_memory_of_the_same_cache(client: Client) -> None:
    for number in range(20):
        await client.post(message=f"{number}" * 100)
    inbox, rendered = client.application[INBOX], client.application[RENDERED_PAGES]
    page = await inbox.page("test", FIRST, mark_seen=False)
    plain = rendered.plain("test", page)
    before = (await inbox.view("test")).size
    first, second = await asyncio.gather(rendered.gzip("test", page), rendered.gzip("test", page))
    assert gzip.decompress(first.body) == plain.body
    assert first is second
    assert rendered.plain("test", page) is plain
    assert (await inbox.view("test")).size >= before + len(first.body)
