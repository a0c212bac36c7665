"""Rendered pages: each is made once, and kept exactly as long as the view cache keeps its page."""

from notification.http.keys import RENDERED_PAGES
from tests.http.conftest import Client


async def test_a_rendered_page_goes_when_the_feed_changes(client: Client) -> None:
    rendered = client.application[RENDERED_PAGES]
    for number in range(3):
        await client.call("POST", "/v1/notifications/test", 201, json={"category": "like", "message": str(number)})
        for _ in range(2):
            await client.call("GET", "/v1/notifications/test?peek=true", 200)
        assert len(rendered) == 1
