"""`/graphql` with `graphql.ide: graphiql` in Chromium. Its files are not there: no test uses the network."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route

from tests.service_process import ROOT, ServiceProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
    event => window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def graphiql(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("graphiql")
    config = folder / "config.yml"
    config.write_text((ROOT / "config.yml").read_text().replace("ide: builtin", "ide: graphiql"))
    async with ServiceProcess(folder, config) as running:
        yield running


async def test_its_own_code_runs_and_it_asks_one_other_origin(browser: Browser, graphiql: ServiceProcess) -> None:
    page = await browser.new_page()
    outside: list[str] = []
    errors: list[str] = []

    async def refuse(route: Route) -> None:
        outside.append(route.request.url)
        await route.abort()

    await page.route(lambda url: urlsplit(url).netloc != urlsplit(graphiql.url).netloc, refuse)
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.add_init_script(NOTE_VIOLATIONS)
    await page.goto(f"{graphiql.url}/graphql")
    assert {urlsplit(url).netloc for url in outside if not url.startswith("data:")} == {"unpkg.com"}
    assert await page.evaluate("window.violations") == []
    assert ["Cookies is not defined" in error for error in errors] == [True]  # the inline script ran up to a library
    await page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.x = 1'}))")
    await page.evaluate("document.head.append(Object.assign(document.createElement('script'), {src: '/web/x.js'}))")
    assert await page.evaluate("window.violations") != []
    assert await page.evaluate("window.x") is None
    await page.close()
