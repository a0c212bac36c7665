"""`/graphql` and `/docs` in Chromium. Each test also fails on an error in the console, or a request elsewhere."""

import json
import re
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.browser.conftest import WatchedFeed

pytestmark = pytest.mark.asyncio(loop_scope="module")

CREATE = """mutation Create($notification: NotificationInput!) {
  createNotification(username: "test", notification: $notification) { message }
}"""


async def run(watched: WatchedFeed, query: str, variables: object = None) -> Any:
    """The result that the page shows."""
    await watched.page.fill("#query", query)
    await watched.page.fill("#variables", "" if variables is None else json.dumps(variables))
    async with watched.page.expect_response("**/graphql"):
        await watched.page.get_by_role("button", name="Run").click()
    await expect(watched.page.locator("#status")).to_contain_text("ms")
    return json.loads(await watched.page.inner_text("#result"))


async def test_the_graphql_page_shows_the_schema(watched: WatchedFeed) -> None:
    await watched.page.goto(f"{watched.url}/graphql")
    schema = watched.page.locator("#schema")
    await expect(schema).to_contain_text("createNotification")
    await expect(schema).to_contain_text("after: ID")
    await schema.get_by_role("link", name="RuleInput").first.click()
    await expect(watched.page.locator("#type-RuleInput")).to_be_visible()


async def test_the_graphql_page_asks_and_shows_answers_as_text(watched: WatchedFeed) -> None:
    await watched.page.goto(f"{watched.url}/graphql")
    message = "<img src=x onerror=alert(1)>"
    answer = await run(watched, CREATE, {"notification": {"category": "like", "message": message}})
    assert answer == {"data": {"createNotification": {"message": message}}}
    answer = await run(watched, "{ nothing }")
    assert answer["errors"][0]["extensions"]["code"] == "MALFORMED"
    await expect(watched.page.locator("#status")).to_contain_text("1 error")


async def test_the_graphql_page_can_be_used_by_keyboard(watched: WatchedFeed) -> None:
    await watched.page.goto(f"{watched.url}/graphql")
    await watched.page.focus("#examples")
    await watched.page.select_option("#examples", "List rules")
    await watched.page.focus("#query")
    await watched.page.keyboard.press("Control+Enter")
    await expect(watched.page.locator("#result")).to_contain_text('"rules": []')


async def test_the_graphql_page_says_that_variables_are_not_json(watched: WatchedFeed) -> None:
    await watched.page.goto(f"{watched.url}/graphql")
    await expect(watched.page.locator("#schema")).to_contain_text("Query")
    await watched.page.fill("#variables", "{")
    await watched.page.get_by_role("button", name="Run").click()
    await expect(watched.page.locator("#status")).to_have_text(re.compile("variables aren.t valid JSON"))


async def test_every_example_of_the_graphql_page_is_a_valid_document(watched: WatchedFeed) -> None:
    await watched.page.goto(f"{watched.url}/graphql")
    names = await watched.page.locator("#examples option").all_inner_texts()
    for name in names:
        await watched.page.select_option("#examples", name)
        async with watched.page.expect_response("**/graphql") as response:
            await watched.page.get_by_role("button", name="Run").click()
        answer = await (await response.value).json()
        assert "errors" not in answer, name


async def test_the_reference_leads_from_its_index_to_operations_and_schemas(watched: WatchedFeed) -> None:
    await watched.page.goto(f"{watched.url}/docs")
    await watched.page.get_by_role("navigation").get_by_role("link", name="POST /v1/notifications/{username}").click()
    operation = watched.page.locator("#createNotification")
    await expect(operation).to_be_in_viewport()
    await operation.get_by_role("link", name="Draft").click()
    await expect(watched.page.locator("#schema-Draft")).to_be_in_viewport()


async def test_the_reference_fits_a_narrow_window(watched: WatchedFeed) -> None:
    await watched.page.set_viewport_size({"width": 360, "height": 700})
    for path in ("/docs", "/graphql"):
        await watched.page.goto(watched.url + path)
        assert await watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["/", "/docs", "/graphql"])
async def test_axe_finds_nothing_on_a_page(
    watched: WatchedFeed, path: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    await watched.page.emulate_media(color_scheme=scheme)
    await watched.page.set_viewport_size({"width": width, "height": 844})
    await watched.page.goto(watched.url + path, wait_until="networkidle")
    assert await watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = await Axe().run(watched.page)
    assert found.violations_count == 0, found.generate_report()


async def test_the_admin_page_leads_to_what_it_lists(watched: WatchedFeed) -> None:
    await watched.page.goto(f"{watched.url}/admin")
    links = await watched.page.get_by_role("link").evaluate_all("links => links.map(link => link.pathname)")
    for path in ("/admin/ping", "/admin/healthcheck", "/admin/metrics", "/admin/threads"):
        assert path in links
        reply = await watched.page.request.get(f"{watched.url}{path}")
        assert reply.ok
