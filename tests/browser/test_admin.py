"""The operators' page in Chromium, before the real service and before numbers that are made up."""

import asyncio
import re
import signal
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import WatchedFeed
from tests.browser.numbers import Numbers
from tests.riak_cluster import RiakCluster
from tests.service_process import ROOT, ServiceProcess
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCREENSHOTS = ROOT / "build" / "screenshots"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATIENCE = 20_000
"""Milliseconds until a page must show something: several rounds of questions, on a machine that is busy."""


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def value(page: Page, title: str, name: str) -> Locator:
    """What the legend of a chart says about one of its lines."""
    line = page.get_by_role("listitem").filter(has=page.get_by_text(name, exact=True))
    return card(page, title).locator(line).locator("b")


def tile(page: Page, title: str) -> Locator:
    return page.locator(".tile").filter(has=page.get_by_text(title, exact=True))


async def cells(page: Page, title: str) -> list[list[str]]:
    """The rows of a chart's table."""
    rows: list[list[str]] = (
        await card(page, title)
        .locator("tbody tr")
        .evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.textContent))")
    )
    return rows


async def post(url: str, notifications: int = 20) -> None:
    async with aiohttp.ClientSession() as http:
        for number in range(notifications):
            body = {"category": "like", "message": f"message {number}"}
            async with http.post(f"{url}/v1/notifications/user-{number % 4}", json=body) as reply:
                assert reply.status == 201
            async with http.get(f"{url}/v1/notifications/user-{number % 4}") as reply:
                assert reply.status == 200


async def post_until(url: str, shown: Locator, text: re.Pattern[str]) -> None:
    async def is_shown() -> bool:
        await post(url, 5)
        return bool(text.search(await shown.first.inner_text()))

    await until(is_shown, PATIENCE / 1000)


async def look_at(page: Page, name: str) -> None:
    """On a phone and on a desk, in light and in dark: a picture, nothing past the edge, nothing that axe finds."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for (device, width), scheme in product((("phone", 360), ("desktop", 1200)), SCHEMES):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": 800})
        await page.screenshot(path=SCREENSHOTS / f"{name}-{device}-{scheme}.png", full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


async def stop_the_clock(page: Page) -> None:
    """From now on the page's time goes on only as the test has it run."""
    await page.clock.install(time=NOON)
    await page.clock.pause_at(NOON + timedelta(seconds=1))


async def open_at_once(watched: WatchedFeed, numbers: Numbers) -> None:
    """The page after three answers, without waiting for its clock."""
    await stop_the_clock(watched.page)
    await watched.page.goto(f"{watched.url}/admin")
    await expect(watched.page.locator("#connection")).to_have_text("Connected")
    await answers(watched.page, numbers, 3)


async def answers(page: Page, numbers: Numbers, more: int) -> None:
    """Have a page whose clock stands ask so many times more."""
    wanted = numbers.answers + more

    async def asked() -> bool:
        await page.clock.run_for(500)
        return numbers.answers >= wanted

    await until(asked)


@pytest_asyncio.fixture(loop_scope="module")
async def numbers(watched: WatchedFeed) -> Numbers:
    made_up = Numbers()
    await watched.page.route("**/admin/metrics", made_up.answer)
    return made_up


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page whose console may complain: the browser itself does when a service fails."""
    page = await browser.new_page()
    yield page
    await page.close()


async def test_a_healthy_service_is_shown_as_such_part_by_part(watched: WatchedFeed) -> None:
    await watched.page.goto(f"{watched.url}/admin")
    await expect(watched.page.locator("#verdict")).to_have_text("All systems are healthy.")
    await expect(watched.page.locator("#parts li")).to_have_count(2)
    await expect(watched.page.locator("#parts")).to_contain_text("notification.db")
    await expect(watched.page.locator("#facts")).to_contain_text("1 worker")
    await expect(watched.page.locator("#facts")).to_contain_text("no corrupt values")


async def test_requests_change_charts_and_numbers_without_a_reload(watched: WatchedFeed) -> None:
    page = watched.page
    await page.goto(f"{watched.url}/admin")
    more = re.compile(r"[1-9]")
    await post_until(watched.url, value(page, "Requests per second", "2xx"), more)
    await post_until(watched.url, value(page, "Store calls per second", "embedded"), more)
    await post_until(watched.url, value(page, "Notifications per second", "created"), more)
    await post_until(watched.url, value(page, "Response time", "99 % (p99)"), re.compile(r"\d m?s"))
    await post_until(watched.url, value(page, "Cache hits", "hits"), re.compile(r"\d %"))
    await post_until(watched.url, tile(page, "Requests"), more)
    assert await card(page, "Requests per second").locator("path.blue").get_attribute("d")


async def test_listeners_to_streams_are_counted(watched: WatchedFeed) -> None:
    await watched.page.goto(f"{watched.url}/admin")
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{watched.url}/v1/notifications/user/stream") as stream,
    ):
        assert stream.status == 200
        await expect(tile(watched.page, "Stream subscribers")).to_contain_text("1", timeout=PATIENCE)


async def test_before_there_are_two_answers_it_says_that_it_is_measuring(
    watched: WatchedFeed, numbers: Numbers
) -> None:
    await stop_the_clock(watched.page)
    await watched.page.goto(f"{watched.url}/admin")
    await expect(watched.page.locator("#connection")).to_have_text("Connected")
    await expect(card(watched.page, "Requests per second")).to_contain_text("measuring…")
    await expect(tile(watched.page, "Requests")).to_contain_text("measuring…")
    await expect(watched.page.locator("#charts path")).to_have_count(0)
    assert numbers.answers == 1
    await watched.page.clock.run_for(2000)
    await expect(value(watched.page, "Requests per second", "2xx")).to_have_text("10/s")
    await expect(card(watched.page, "Requests per second")).not_to_contain_text("measuring…")


async def test_rates_are_differences_by_their_time_and_stay_at_hand_as_a_table(
    watched: WatchedFeed, numbers: Numbers
) -> None:
    await open_at_once(watched, numbers)
    await expect(value(watched.page, "Notifications per second", "created")).to_have_text("3/s")
    table = card(watched.page, "Notifications per second").locator("details")
    await table.locator("summary").focus()
    await watched.page.keyboard.press("Enter")
    await expect(table.get_by_role("cell", name="3/s")).to_have_count(3)
    assert (await cells(watched.page, "Notifications per second"))[0] == ["created", "3/s", "3/s", "3/s"]
    picture = card(watched.page, "Notifications per second").get_by_role("img")
    await expect(picture).to_have_accessible_name(re.compile("^Notifications per second: created 3/s"))


async def test_siblings_and_changes_are_bars_of_their_shares_with_the_mean(
    watched: WatchedFeed, numbers: Numbers
) -> None:
    page = watched.page
    await open_at_once(watched, numbers)
    await expect(value(page, "Siblings per read", "mean, feeds")).to_have_text("3")
    await expect(value(page, "Changes per put", "mean, feeds")).to_have_text("1.4")
    shares = [[row[0], row[2]] for row in await cells(page, "Siblings per read")]
    assert shares == [["0", "0 %"], ["1", "25 %"], ["2", "50 %"], ["3\u201310", "25 %"], ["11 or more", "0 %"]]
    blocks = card(page, "Siblings per read").locator("rect")
    one, two, several = await blocks.evaluate_all("all => all.map(block => Number(block.getAttribute('width')))")
    assert (two / one, several / one) == (pytest.approx(2), pytest.approx(1))
    assert [row[2] for row in await cells(page, "Changes per put")] == ["0 %", "90 %", "10 %", "0 %"]


async def test_counters_that_begin_anew_are_never_shown_as_negative(watched: WatchedFeed, numbers: Numbers) -> None:
    await open_at_once(watched, numbers)
    numbers.base = numbers.answers + 1
    await answers(watched.page, numbers, 4)
    created = value(watched.page, "Notifications per second", "created")
    await expect(created).to_have_text("3/s")
    line = card(watched.page, "Notifications per second").locator("path.blue")
    await expect(line).to_have_attribute("d", re.compile("M.*M"))
    assert not re.search(r"-\d", await watched.page.locator("#charts").inner_text())


async def test_the_span_is_chosen_by_keyboard(watched: WatchedFeed, numbers: Numbers) -> None:
    page = watched.page
    await open_at_once(watched, numbers)
    await expect(value(page, "Requests per second", "2xx")).to_have_text("10/s")
    line = card(page, "Requests per second").locator("path.blue")
    await expect(line).to_have_attribute("d", re.compile("L"))
    await page.get_by_role("radio", name="1 minute").focus()
    wide = await line.evaluate("line => line.getBBox().width")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("radio", name="5 minutes")).to_be_checked()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("radio", name="10 minutes")).to_be_focused()
    assert await line.evaluate("line => line.getBBox().width") < wide / 2


async def test_a_hidden_page_asks_nothing_and_goes_on_when_it_is_seen(watched: WatchedFeed, numbers: Numbers) -> None:
    page = watched.page
    await stop_the_clock(page)
    await page.goto(f"{watched.url}/admin")
    await expect(page.locator("#connection")).to_have_text("Connected")
    hide = """hidden => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await page.evaluate(hide, True)
    await page.clock.run_for(30_000)
    assert numbers.answers == 1
    await page.evaluate(hide, False)
    await until(lambda: numbers.answers == 2)


async def test_values_above_the_limit_of_an_alert_are_said_to_be(watched: WatchedFeed, numbers: Numbers) -> None:
    numbers.status = "503"
    await open_at_once(watched, numbers)
    await expect(tile(watched.page, "5xx replies")).to_contain_text("100 %")
    await expect(tile(watched.page, "5xx replies")).to_contain_text("above 1 %")


async def test_an_answer_that_is_not_the_services_is_no_connection(watched: WatchedFeed, numbers: Numbers) -> None:
    await watched.page.goto(f"{watched.url}/admin")
    await expect(watched.page.locator("#connection")).to_have_text("Connected")
    await watched.page.route("**/admin/metrics", lambda route: route.fulfill(body="<!doctype html>Please log in"))
    await expect(watched.page.locator("#connection")).to_contain_text("invalid response", timeout=PATIENCE)


async def test_a_store_that_can_not_work_is_said_with_its_reason_and_so_is_its_recovery(
    page: Page, tmp_path: Path
) -> None:
    async with ServiceProcess(tmp_path) as service:
        await page.goto(f"{service.url}/admin")
        await expect(page.locator("#verdict")).to_have_text("All systems are healthy.")
        elsewhere = sqlite3.connect(tmp_path / "notification.db", isolation_level=None)
        elsewhere.execute("BEGIN IMMEDIATE")
        await expect(page.locator("#verdict")).to_contain_text("The store is down. Requests fail.", timeout=PATIENCE)
        await expect(page.locator("#parts")).to_contain_text(re.compile("unhealthy.*notification.db"))
        elsewhere.execute("ROLLBACK")
        elsewhere.close()
        await expect(page.locator("#verdict")).to_have_text("All systems are healthy.", timeout=PATIENCE)


async def test_a_riak_node_that_fails_is_shown_with_its_reason_while_the_others_work(
    page: Page, tmp_path: Path
) -> None:
    async with RiakCluster(nodes=3, bucket_types={"notifications": {}}) as cluster:
        nodes = ",".join(cluster.addresses)
        riak = ServiceProcess(tmp_path, STORAGE="riak", RIAK_NODES=nodes, RIAK_BUCKET_TYPE="notifications")
        async with riak as service:
            await page.goto(f"{service.url}/admin")
            await expect(page.locator("#verdict")).to_have_text("All systems are healthy.")
            cluster.kill(1)
            await expect(page.locator("#verdict")).to_contain_text("1 of its 3 parts is unhealthy", timeout=PATIENCE)
            ill = page.locator("#parts li").filter(has_text=cluster.addresses[1])
            await expect(ill).to_contain_text("unhealthy")
            await expect(ill.locator(".message")).not_to_be_empty()
            await post_until(
                service.url, value(page, "Store calls per second", cluster.addresses[0]), re.compile("[1-9]")
            )


async def test_a_service_that_is_gone_is_said_what_was_drawn_stays_and_its_return_is_said(
    page: Page, tmp_path: Path
) -> None:
    service = ServiceProcess(tmp_path)
    async with service:
        await page.goto(f"{service.url}/admin")
        await post_until(service.url, value(page, "Requests per second", "2xx"), re.compile("[1-9]"))
        port = str(urlsplit(service.url).port)
        await service.end(signal.SIGTERM)
        await expect(page.locator("#connection")).to_contain_text("Connection lost", timeout=PATIENCE)
        await expect(page.locator("#verdict")).to_contain_text("Unknown", timeout=PATIENCE)
        assert await card(page, "Requests per second").locator("path.blue").get_attribute("d")
    async with ServiceProcess(tmp_path, PORT=port) as again:
        await expect(page.locator("#connection")).to_have_text("Reconnected", timeout=PATIENCE)
        await expect(page.locator("#verdict")).to_have_text("All systems are healthy.", timeout=PATIENCE)
        await post_until(again.url, value(page, "Requests per second", "2xx"), re.compile("[1-9]"))
        assert not re.search(r"-\d", await page.locator("#charts").inner_text())


async def test_everybody_can_use_it(watched: WatchedFeed) -> None:
    page = watched.page
    await page.goto(f"{watched.url}/admin")
    line = card(page, "Requests per second").locator("path.blue")

    async def is_drawn() -> bool:
        await asyncio.gather(*(post(watched.url, 5) for _ in range(4)))
        return await line.count() > 0 and (await line.get_attribute("d") or "").count("L") >= 2

    await until(is_drawn, PATIENCE / 1000)
    for summary in await page.locator("summary").all():
        await summary.click()
    await look_at(page, "admin")


async def test_everybody_can_read_what_is_wrong(page: Page, service: ServiceProcess) -> None:
    numbers = Numbers()
    numbers.status = "503"
    parts = {name: {"healthy": False, "message": "no reply within 2.0 s"} for name in ("store", "riak1.internal:8087")}
    await page.route("**/admin/healthcheck", lambda route: route.fulfill(status=500, json=parts))
    await page.route("**/admin/metrics", numbers.answer)
    await page.goto(f"{service.url}/admin")
    await expect(tile(page, "5xx replies")).to_contain_text("above 1 %", timeout=PATIENCE)
    await expect(page.locator("#verdict")).to_contain_text("Requests fail")
    await page.route("**/admin/metrics", lambda route: route.abort())
    await expect(page.locator("#connection")).to_contain_text("Connection lost", timeout=PATIENCE)
    await look_at(page, "admin-trouble")
