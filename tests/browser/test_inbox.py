"""The inbox in Chromium. Each test also fails on an error in the console, or a request elsewhere."""

import re
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, expect

from tests.browser.conftest import WatchedFeed
from tests.service_process import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCREENSHOTS = ROOT / "build" / "screenshots"


class Reader:
    """A user of his own before the page of his inbox."""

    def __init__(self, watched: WatchedFeed) -> None:
        self.page = watched.page
        self.url = watched.url
        self.name = f"user-{uuid4().hex[:8]}"

    async def post(self, *messages: str, category: str = "like", **properties: str) -> None:
        async with aiohttp.ClientSession() as http:
            for message in messages:
                body = {"category": category, "message": message, "properties": properties}
                async with http.post(f"{self.url}/v1/notifications/{self.name}", json=body) as reply:
                    assert reply.status == 201

    async def rule(self, category: str, **rule: Any) -> None:
        async with aiohttp.ClientSession() as http, http.put(f"{self.url}/v1/rules/{category}", json=rule) as reply:
            assert reply.status == 204

    async def open(self) -> None:
        await self.page.goto(f"{self.url}/inbox/{self.name}")
        await expect(self.page.locator("#connection")).to_have_text(re.compile("connected", re.IGNORECASE))

    @property
    def list(self) -> Locator:
        return self.page.locator("#list")


@pytest.fixture
def reader(watched: WatchedFeed) -> Reader:
    return Reader(watched)


async def test_a_notification_that_is_posted_appears_without_a_reload(reader: Reader) -> None:
    await reader.open()
    await reader.post("Ada liked your post")
    await expect(reader.list).to_contain_text("Ada liked your post")
    await expect(reader.page).to_have_title(re.compile(r"^\(1\)"))


async def test_a_script_in_a_message_is_shown_as_text(reader: Reader) -> None:
    await reader.post("<script>alert(1)</script><img src=x onerror=alert(2)>")
    await reader.open()
    await expect(reader.list).to_contain_text("<script>alert(1)</script>")


async def test_an_inbox_with_nothing_in_it_says_so(reader: Reader) -> None:
    await reader.open()
    await expect(reader.page.locator("#notice")).to_contain_text("No notifications")


async def test_a_group_unfolds_by_keyboard(reader: Reader) -> None:
    await reader.rule("group", max_size=10)
    await reader.post("first", "second", "third", category="group")
    await reader.open()
    await expect(reader.list.get_by_text("third")).to_be_visible()
    await expect(reader.list.get_by_text("first")).to_be_hidden()
    await reader.page.keyboard.press("Tab")
    await reader.list.locator("[tabindex='0']").first.focus()
    await reader.page.keyboard.press("Enter")
    await expect(reader.list.get_by_text("first")).to_be_visible()


async def test_one_is_removed_by_keyboard_and_the_focus_moves_on(reader: Reader) -> None:
    await reader.post("older", "newer")
    await reader.open()
    await reader.list.locator("[tabindex='0']").first.focus()
    await reader.page.keyboard.press("Delete")
    await expect(reader.list.get_by_text("newer")).to_have_count(0)
    await expect(reader.list.locator(":focus")).to_contain_text("older")


async def test_all_are_removed_by_keyboard_after_a_question(reader: Reader) -> None:
    await reader.post("one", "two")
    await reader.open()
    await expect(reader.list).to_contain_text("two")
    await reader.page.locator("#remove-all").focus()
    await reader.page.keyboard.press("Enter")
    await reader.page.keyboard.press("Tab")
    await reader.page.keyboard.press("Enter")
    await expect(reader.page.locator("#notice")).to_contain_text("No notifications")


async def test_more_are_loaded_by_keyboard(reader: Reader) -> None:
    await reader.post(*(f"message {number}" for number in range(25)))
    await reader.open()
    await expect(reader.list.get_by_text("message 4", exact=True)).to_have_count(0)
    await reader.page.locator("#more").focus()
    await reader.page.keyboard.press("Enter")
    await expect(reader.list.get_by_text("message 0", exact=True)).to_be_attached()


async def test_a_name_that_is_not_allowed_has_no_page(reader: Reader) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{reader.url}/inbox/a%2Fb") as reply:
        assert reply.status == 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("device", "width"), [("phone", 360), ("desktop", 1200)])
async def test_everybody_can_use_it(reader: Reader, browser: Browser, scheme: Any, device: str, width: int) -> None:
    await reader.rule("group", max_size=10)
    await reader.post("Ada liked your post", "Grace commented: what a fine thing it is, and how long its name")
    await reader.post("Alan follows you", "Edsger follows you", category="group")
    size: Any = {"width": width, "height": 800}
    page = await browser.new_page(color_scheme=scheme, reduced_motion="reduce", viewport=size)
    await page.goto(f"{reader.url}/inbox/{reader.name}")
    await expect(page.locator("#list")).to_contain_text("Edsger")
    await expect(page.locator("#connection")).to_have_text(re.compile("connected", re.IGNORECASE))
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"inbox-{device}-{scheme}.png")
    found = await Axe().run(page)
    await page.close()
    assert found.violations_count == 0, found.generate_report()
