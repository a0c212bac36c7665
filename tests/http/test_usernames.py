"""Usernames can contain nearly any character, and different usernames never share a feed."""

from urllib.parse import quote, unquote

import pytest
from structlog.testing import capture_logs
from yarl import URL

from notification.runtime.logs import escape_names
from siblings.ksuid import encode
from tests.http.conftest import Client
from tests.http.raw import reply_to

BODY = {"category": "like", "message": "hi"}
NAMES = [" ", "a b", "...", "%2F", "%", "%ff", "?", "#x", "a?peek=true", "a+b", "a;b", "a\\b", '"<script>', "'",
         "{username}", "é", "Zoë ♥", "日本", "😀", "😀" * 128, "\u202eabc", "a\u2028b", "\ufeff", "\ufffd", "-", "--",
         "a-notifications", "rules", "count", "stream", "v1", "a:b", "key=value", "a,b"]  # fmt: skip
NO_NAMES = ["%ff", "%C3", "%", "%zz", "a%2", "%ED%A0%80", "%2e", "%2E%2e", "..", ".", "%00", "%2f", "%C2%85"]


def path_of(kind: str, name: str, rest: str = "") -> URL:
    return URL(f"{kind}/{quote(name, safe='')}{rest}", encoded=True)


async def test_each_user_has_a_feed_and_cursors_of_its_own(client: Client) -> None:
    made = {}
    for name in NAMES:
        reply = await client.call("POST", path_of("/v1/notifications", name), 201, json=BODY)
        made[name] = (await reply.json())["id"]
        assert unquote(reply.headers["Location"].rpartition("/")[2]) == name
    for name in NAMES:
        items = await (await client.call("GET", path_of("/v1/notifications", name), 200)).json()
        assert [item["id"] for item in items] == [made[name]]
        counts = await (await client.call("GET", path_of("/v1/notifications", name, "/count"), 200)).json()
        assert (counts["total"], counts["unseen"]) == (1, 0)
        cursor = await (await client.call("GET", path_of("/v1/cursors", name, "/notifications"), 200)).json()
        assert cursor == {"key": f"{name}-notifications", "value": made[name]}
        await client.call("GET", path_of("/inbox", name), 200)


async def test_names_with_hyphens_share_no_cursor(client: Client) -> None:
    values = {name: encode(len(name)) for name in ("a", "a-b", "a-b-notifications")}
    for name in values:
        await client.post(name)
        await client.call("PUT", f"/v1/cursors/{name}/c", json={"value": values[name]})
    for name in values:
        reply = await client.call("GET", f"/v1/cursors/{name}/c", 200)
        assert (await reply.json())["value"] == values[name]


async def test_two_spellings_of_a_name_are_one_user(client: Client) -> None:
    await client.call("POST", "/v1/notifications/Zoe%CC%88", 201, json=BODY)
    assert len(await client.ids(username="Zo%C3%AB")) == 1
    reply = await client.call("GET", "/v1/cursors/Zoe%CC%88/notifications", 200)
    assert (await reply.json())["key"] == "Zo\u00eb-notifications"


@pytest.mark.parametrize("name", NO_NAMES)
@pytest.mark.parametrize(
    "path", ["/v1/notifications/{}", "/v1/notifications/{}/count", "/v1/cursors/{}/x", "/inbox/{}"]
)
async def test_a_segment_that_is_not_a_name_in_utf_8_is_refused(client: Client, path: str, name: str) -> None:
    request = f"GET {path.format(name)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert (await reply_to(client, request.encode())).startswith(b"HTTP/1.1 400")


async def test_the_log_escapes_what_a_terminal_acts_on(client: Client) -> None:
    with capture_logs(processors=[escape_names]) as lines:
        await client.call("POST", "/v1/notifications/a%E2%80%AEb", 201, json=BODY)
    assert [line["username"] for line in lines if line["event"] == "request"] == [r"a\u202eb"]
