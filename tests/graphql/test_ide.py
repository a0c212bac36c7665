"""The page for browsers: the service's own, or strawberry's GraphiQL under a policy of its own."""

import hashlib
import re
from base64 import b64encode

from notification.http.html_pages import POLICY
from tests.http.conftest import Client, OpenClient

HTML = {"headers": {"Accept": "text/html"}}


def directives(policy: str) -> dict[str, set[str]]:
    return {words[0]: set(words[1:]) for part in policy.split(";") if (words := part.split())}


async def test_the_page_is_the_services_own_by_default(client: Client) -> None:
    reply = await client.call("GET", "/graphql", 200, **HTML)
    assert "Notification GraphQL" in await reply.text()
    assert reply.headers["Content-Security-Policy"] == POLICY


async def test_the_policy_of_graphiql_allows_what_its_page_names_and_nothing_else(open_client: OpenClient) -> None:
    client = await open_client("graphql: {ide: graphiql}")
    reply = await client.call("GET", "/graphql", 200, **HTML)
    text = await reply.text()
    scripts = set(re.findall(r'<script[^>]*\ssrc="(https://[^/"]+)', text))
    styles = set(re.findall(r'<link[^>]*\srel="stylesheet"[^>]*\shref="(https://[^/"]+)', text))
    inline = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = {f"'sha256-{b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in inline}
    assert (scripts, styles, len(hashes)) == ({"https://unpkg.com"}, {"https://unpkg.com"}, 1)
    assert directives(reply.headers["Content-Security-Policy"]) == {
        "default-src": {"'none'"},
        "script-src": scripts | hashes,
        "style-src": styles | {"'unsafe-inline'"},
        "img-src": {"data:"},
        "font-src": {"data:"},
        "connect-src": {"'self'"},
        "base-uri": {"'none'"},
        "form-action": {"'none'"},
        "frame-ancestors": {"'none'"},
    }


async def test_other_pages_keep_their_policy_beside_graphiql(open_client: OpenClient) -> None:
    client = await open_client("graphql: {ide: graphiql}")
    for path in ("/", "/docs", "/inbox/demo"):
        assert (await client.call("GET", path, 200, **HTML)).headers["Content-Security-Policy"] == POLICY
    answer = await (await client.call("POST", "/graphql", 200, json={"query": "{ __typename }"})).json()
    assert answer == {"data": {"__typename": "Query"}}
