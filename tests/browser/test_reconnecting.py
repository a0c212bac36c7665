"""The inbox while its service goes and comes back, in Chromium."""

import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.service_process import ServiceProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOST, AGAIN = "Connection lost. Reconnecting…", "Reconnected"
RETRIED = 15_000
"""Milliseconds in which the page tries again, several times."""


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


async def post(url: str, *messages: str) -> None:
    async with aiohttp.ClientSession() as http:
        for message in messages:
            body = {"category": "like", "message": message}
            async with http.post(f"{url}/v1/notifications/bob", json=body) as reply:
                assert reply.status == 201


@pytest_asyncio.fixture(loop_scope="module")
async def mortal(service: ServiceProcess, tmp_path: Path) -> AsyncIterator[ServiceProcess]:
    """A service that is there again on its port after it was stopped."""
    async with ServiceProcess(tmp_path, PORT=free_port()) as running:
        await post(running.url, *(f"message {number}" for number in range(30)))
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, mortal: ServiceProcess) -> AsyncIterator[Page]:
    """The inbox, whose reader has gone to the middle of it."""
    page = await browser.new_page(viewport={"width": 800, "height": 500})
    await page.goto(f"{mortal.url}/inbox/bob")
    await expect(page.locator("#connection")).to_have_text("Connected")
    await page.locator("#list").get_by_text("message 18", exact=True).scroll_into_view_if_needed()
    await page.evaluate("window.wasNotReloaded = true")
    yield page
    await page.close()


@asynccontextmanager
async def stopped(mortal: ServiceProcess, page: Page, data: Path) -> AsyncIterator[str]:
    """While the page's service is stopped: the address of another process on its file."""
    async with ServiceProcess(data) as elsewhere:
        await mortal.end(signal.SIGTERM)
        await expect(page.locator("#connection")).to_have_text(LOST)
        yield elsewhere.url
    await mortal.start()
    await expect(page.locator("#connection")).to_have_text(AGAIN, timeout=RETRIED)


async def place(page: Page) -> float:
    """How far down the window the reader's notification is."""
    box = await page.locator("#list").get_by_text("message 18", exact=True).bounding_box()
    assert box
    return box["y"]


async def test_what_came_while_the_connection_was_lost_is_there_once_and_the_reader_stays_where_he_was(
    mortal: ServiceProcess, page: Page, tmp_path: Path
) -> None:
    before = await place(page)
    async with stopped(mortal, page, tmp_path) as elsewhere:
        await post(elsewhere, "while it was away")
    await expect(page.locator("#pill")).to_have_text("1 new notification")
    await expect(page.locator("#list").get_by_text("while it was away", exact=True)).to_have_count(1)
    assert await place(page) == pytest.approx(before, abs=1)
    assert await page.evaluate("window.wasNotReloaded")
