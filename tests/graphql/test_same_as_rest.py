"""GraphQL and REST give the same data for the same feed, whatever is in it and whatever the rules are."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from aiohttp.test_utils import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from notification.domain.model import Notification, Rules
from notification.domain.payload import encode_notification
from notification.http.keys import INBOX, RULES_SERVICE
from notification.runtime.app import open_application
from notification.runtime.config import parse_config
from siblings import Feed
from siblings.ksuid import NO_ID
from tests.domain.values import notifications, rules
from tests.graphql.conftest import ask
from tests.http.conftest import Client, Server

FIELDS: Final = "id category message createdAt unseen properties"
LIST: Final = (
    "query($u: String!, $first: Int, $after: ID) "
    "{ notifications(username: $u, first: $first, after: $after, peek: true)"
    f" {{ {FIELDS} notifications {{ {FIELDS} }} }} }}"
)
RULES: Final = "{ rules { category rule { maxSize maxDuration matchOn } } }"
NAMES: Final = {
    "createdAt": "created_at",
    "maxSize": "max_size",
    "maxDuration": "max_duration",
    "matchOn": "match_on",
}


def as_rest(value: Any) -> Any:
    """GraphQL's data in REST's words: snake_case, and neither null nor empty lists of nested ones."""
    if isinstance(value, list):
        return [as_rest(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {NAMES.get(name, name): as_rest(one) for name, one in value.items() if one is not None and one != []}


@asynccontextmanager
async def open_client(folder: Path) -> AsyncIterator[Client]:
    config = parse_config(f"embedded: {{path: {folder}/feeds.db}}\nlogging: {{requests: false}}", {})
    async with open_application(config) as application:
        http: TestClient[Any, Any]
        async with TestClient(Server(application, config)) as http:
            yield Client(http, application)


async def store(client: Client, username: str, feed: Sequence[Notification], seen: int, by_category: Rules) -> None:
    """Puts a feed, its cursor and the rules where requests find them."""
    inbox: Any = client.application[INBOX]
    slots = {one.id: encode_notification(one) for one in feed}
    await inbox._feeds.update(username, lambda *_: (Feed.of(NO_ID, slots), None))
    if feed:
        await inbox.move_cursor(username, "notifications", feed[seen % len(feed)].id)
    await client.application[RULES_SERVICE].remove_all()
    for category, rule in by_category.items():
        await client.application[RULES_SERVICE].put(category, rule)


async def compare_rules(client: Client) -> None:
    async with client.http.get("/v1/rules") as reply:
        rest = await reply.json()
    answer = await ask(client, RULES)
    if reply.status == 404:
        assert answer == {"data": {"rules": []}}
    else:
        assert {one["category"]: as_rest(one["rule"]) for one in answer["data"]["rules"]} == rest


async def compare(client: Client, username: str, wanted: str, **arguments: Any) -> None:
    path = f"/v1/notifications/{username}?peek=true"
    async with client.http.get(path, headers={"Range": wanted}) as reply:
        rest = await reply.json()
    answer = await ask(client, LIST, u=username, **arguments)
    if reply.status == 404:
        assert answer == {"data": {"notifications": []}}
    else:
        assert as_rest(answer["data"]["notifications"]) == rest


def test_graphql_and_rest_give_the_same_data(tmp_path: Path) -> None:
    numbers = count()
    with asyncio.Runner() as runner:
        opened = open_client(tmp_path)
        client = runner.run(opened.__aenter__())

        async def hold(feed: list[Notification], by_category: Rules, seen: int, first: int, at: int) -> None:
            username = f"user-{next(numbers)}"
            await store(client, username, feed, seen, by_category)
            await compare_rules(client)
            await compare(client, username, "id; max=1000")
            if feed:
                after = feed[at % len(feed)].id
                await compare(client, username, f"id ]{after}..; max={first}", first=first, after=after)

        @settings(max_examples=60, deadline=None)
        @given(notifications(), rules, st.integers(0, 50), st.integers(1, 50), st.integers(0, 50))
        def holds(feed: list[Notification], by_category: Rules, seen: int, first: int, at: int) -> None:
            runner.run(hold(feed, by_category, seen, first, at))

        try:
            holds()
        finally:
            runner.run(opened.__aexit__(None, None, None))
