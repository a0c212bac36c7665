"""A real browser before the real service; where there is no Chromium, these tests are skipped."""

import shutil
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request, async_playwright

from tests.service_process import ServiceProcess

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip


class WatchedFeed:
    """A page, and what must not happen on it: errors in its console, requests to other machines."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.on(
            "console", lambda message: self._complain(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("requestfailed", self._look_at_failure)
        page.on("request", lambda request: self._look_at(request.url))

    def _complain(self, text: str) -> None:
        self.complaints.append(text)

    def _look_at_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before it had all it asked for
            self._complain(f"failed: {request.url} {request.failure}")

    def _look_at(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.url).netloc:
            self._complain(f"a request to {url}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceProcess]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    async with ServiceProcess(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(service: ServiceProcess) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def watched(browser: Browser, service: ServiceProcess) -> AsyncIterator[WatchedFeed]:
    """A page to open; fails where something happened on it that must not."""
    page = await browser.new_page()
    watched = WatchedFeed(page, service.url)
    yield watched
    await page.close()
    assert watched.complaints == []
