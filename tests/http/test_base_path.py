"""`server.base_path` and trailing slashes: where the REST interface is."""

import pytest

from tests.http.conftest import Client, OpenClient

BODY = {"category": "like", "message": "hi"}
BELOW_API = "server: {base_path: /api}"


async def test_the_rest_interface_is_below_the_base_path_and_nowhere_else(open_client: OpenClient) -> None:
    client = await open_client(BELOW_API)
    await client.call("POST", "/v1/notifications/test", 404, json=BODY)
    reply = await client.call("POST", "/api/v1/notifications/test", 201, json=BODY)
    assert reply.headers["Location"] == str(client.http.make_url("/api/v1/notifications/test"))
    await client.call("GET", "/api/v1/notifications/test/count", 200)
    await client.call("GET", "/api/v1/rules", 200)


@pytest.mark.parametrize("path", ["/ping", "/version", "/api/ping", "/api/version", "/graphql", "/admin", "/docs"])
async def test_probes_pages_and_graphql_stay_at_the_root(open_client: OpenClient, path: str) -> None:
    client = await open_client(BELOW_API)
    await client.call("GET", path, 200, headers={"Accept": "text/html"})


async def test_links_of_the_home_page_lead_somewhere(open_client: OpenClient) -> None:
    client = await open_client(BELOW_API)
    links = (await (await client.call("GET", "/", 200)).json())["links"]
    for path in links.values():
        await client.call("GET", path, 200, headers={"Accept": "text/html"})


async def test_the_inbox_page_finds_the_rest_interface(open_client: OpenClient) -> None:
    for text, root in (("", "../"), (BELOW_API, "../api/"), ("server: {base_path: /a/b}", "../a/b/")):
        reply = await (await open_client(text)).call("GET", "/inbox/test", 200)
        assert f'<meta name="rest-root" content="{root}">' in await reply.text()


async def test_the_reference_shows_the_paths_that_are_served(open_client: OpenClient) -> None:
    client = await open_client(BELOW_API)
    document = await (await client.call("GET", "/openapi.json", 200)).json()
    assert document["servers"] == [{"url": "/"}]
    assert {"/api/v1/rules", "/graphql", "/ping"} <= document["paths"].keys()
    assert not any(path.startswith("/v1") for path in document["paths"])
    assert "/api/v1/rules" in await (await client.call("GET", "/docs", 200)).text()


async def test_metrics_name_routes_without_the_base_path_and_the_slash(open_client: OpenClient) -> None:
    client = await open_client(BELOW_API)
    await client.call("GET", "/api/v1/rules/", 200)
    text = await (await client.call("GET", "/metrics", 200)).text()
    assert 'route="/v1/rules"' in text
    assert 'route="/v1/rules/"' not in text


async def test_a_path_with_a_slash_at_its_end_is_the_same_resource(client: Client) -> None:
    await client.call("POST", "/v1/notifications/test/", 201, json=BODY)
    for path in ("/v1/notifications/test", "/v1/notifications/test/count", "/v1/rules", "/ping"):
        plain, slashed = [await client.call("GET", one, 200) for one in (path, f"{path}/")]
        assert (await plain.text()).replace("true", "false") == (await slashed.text()).replace("true", "false")
    await client.call("PUT", "/v1/rules/like/", 204, json={"max_size": 1})
    await client.call("DELETE", "/v1/notifications/test/", 204)
    await client.call("GET", "/v1/notifications/test/", 404)


async def test_a_wrong_method_is_405_with_a_slash_too(client: Client) -> None:
    plain, slashed = [await client.call("PUT", path, 405) for path in ("/v1/rules", "/v1/rules/")]
    assert plain.headers["Allow"] == slashed.headers["Allow"]


async def test_two_slashes_are_not_one(client: Client) -> None:
    await client.call("GET", "/v1/rules//", 404)
