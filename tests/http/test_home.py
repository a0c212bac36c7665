"""The links of `/`, and the paths under which `/admin` is served."""

import pytest

from tests.http.conftest import Client
from tests.http.raw import reply_to


async def test_programs_get_links_that_all_lead_somewhere(client: Client) -> None:
    reply = await client.call("GET", "/", 200)
    links = (await reply.json())["links"]
    assert {"reference", "openapi", "graphql", "admin", "inbox"} == set(links)
    for path in links.values():
        await client.call("GET", path, 200, headers={"Accept": "text/html"})


async def test_browsers_get_a_page(client: Client) -> None:
    reply = await client.call("GET", "/", 200, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert reply.headers["Content-Type"].startswith("text/html")
    assert reply.headers["Content-Security-Policy"]
    assert reply.headers["Vary"] == "Accept"
    text = await reply.text()
    assert all(f'href="{path}"' in text for path in ("/docs", "/admin", "/graphql", "/inbox/demo", "/openapi.json"))


async def test_admin_is_found_with_a_slash_too(client: Client) -> None:
    one, other = [await (await client.call("GET", path, 200)).text() for path in ("/admin", "/admin/")]
    assert one == other


@pytest.mark.parametrize(
    "path",
    [
        "/%61dmin",
        "/admin%2f",
        "/admin/%6detrics",
        "/%6detrics",
        "/metric%73",
        "/web/../admin",
        "//admin",
        "/./admin",
        "/admin/./metrics",
        "/x/../metrics",
        "/ADMIN",
        "http://a/%61dmin",
    ],
)
async def test_there_is_no_other_spelling_of_what_is_for_operators(client: Client, path: str) -> None:
    reply = await reply_to(client, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert reply.startswith(b"HTTP/1.1 404 "), reply
