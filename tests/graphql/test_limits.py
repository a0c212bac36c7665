"""Documents that ask for too much are refused before anything is read from the store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from graphql import get_introspection_query, parse

from notification.http.application import make_application
from notification.http.graphql.limits import MAX_DOCUMENT, excess
from notification.runtime.app import make_buckets
from notification.runtime.config import Config
from notification.services.cursor_names import CursorNames
from notification.services.cursors import Cursors
from notification.services.ids import IdGenerator
from notification.services.inbox import Inbox
from notification.services.live import Hub
from notification.services.rules import RulesService
from notification.storage.embedded.store import EmbeddedStore
from siblings.ksuid import encode
from tests.graphql.conftest import ask, codes
from tests.http.conftest import Client, Server
from tests.watched_store import WatchedStore

FIELD = 'notifications(username: "test") { id }'


def circle(count: int) -> str:
    """Fragments that spread each other, round and round."""
    fragments = " ".join(f"fragment F{n} on Query {{ ...F{(n + 1) % count} }}" for n in range(count))
    return f"{{ ...F0 }} {fragments}"


def bomb(count: int) -> str:
    """Fragments each of which doubles the next."""
    fragments = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(count))
    return f"{{ ...F0 }} {fragments} fragment F{count} on Query {{ {FIELD} }}"


TOO_MUCH = {
    "fifty deep": "{ notifications" * 50 + "{ id }" + " }" * 50,
    "a thousand aliases": "{" + " ".join(f"a{n}: __typename" for n in range(1000)) + "}",
    "sixteen aliases": "{" + " ".join(f"a{n}: {FIELD}" for n in range(16)) + "}",
    "a thousand fields": "{" + FIELD + " __typename" * 1000 + "}",
    "ten thousand tokens": "{ __typename" + " @skip(if: false)" * 1700 + "}",
    "a hundred thousand deep": "{a" * 10_000,
    "fragments in a circle": circle(3),
    "a fragment in itself": "{ ...F } fragment F on Query { ...F " + FIELD + "}",
    "a bomb of fragments": bomb(40),
    "a bomb that nobody uses": "{ __typename } " + bomb(40).replace("{ ...F0 } ", "", 1),
    "aliases in a fragment used often": "{ ...F ...F } fragment F on Query {"
    + " ".join(f"a{n}: __typename" for n in range(8))
    + "}",
    "deep by fragments": "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ notifications {{ ...F{n + 1} }} }}" for n in range(25))
    + "fragment F25 on Query { rules { category } }",
}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[WatchedStore]:
    watched = WatchedStore(EmbeddedStore(tmp_path / "feeds.db"))
    yield watched
    await watched.close()


@pytest.fixture
async def client(store: WatchedStore) -> AsyncIterator[Client]:
    config, id_generator = Config(), IdGenerator()
    feeds, cursors, rule_map, names = make_buckets(store, config)
    ruleset = RulesService(rule_map, {}, 10, id_generator)
    inbox = Inbox(feeds, Cursors(cursors, CursorNames(names, IdGenerator())), ruleset, id_generator)
    hub = Hub(inbox, feeds, cursors, 60)
    application = make_application(inbox, ruleset, hub, max_body=2_000_000, log_requests=False, heartbeat=60)
    http: TestClient[Any, Any]
    async with TestClient(Server(application, config)) as http:
        yield Client(http, application)


@pytest.mark.parametrize("document", TOO_MUCH.values(), ids=TOO_MUCH.keys())
async def test_it_is_refused_and_the_store_is_not_touched(client: Client, store: WatchedStore, document: str) -> None:
    answer = await ask(client, document)
    assert set(codes(answer)) <= {"TOO_COMPLEX", "MALFORMED"}
    assert answer["data"] is None
    assert store.asked == {}


@pytest.mark.parametrize("length", [MAX_DOCUMENT + 1, 1_000_000])
async def test_a_document_that_is_too_long_is_refused_even_where_bodies_may_be_longer(
    client: Client, store: WatchedStore, length: int
) -> None:
    reply = await client.call("POST", "/graphql", 422, json={"query": f"{{ {FIELD} }}".ljust(length)})
    assert (await reply.json())["errors"] == [f"query: String should have at most {MAX_DOCUMENT} characters"]
    assert store.asked == {}


async def test_what_is_within_the_limits_is_answered(client: Client) -> None:
    await client.post()
    many = "{" + " ".join(f"a{n}: {FIELD}" for n in range(15)).replace('"test"', '"test", first: 100') + "}"
    answer = await ask(client, many)
    assert len(answer["data"]) == 15
    assert "errors" not in answer


async def test_a_thousand_ids_can_be_removed_in_one_document(client: Client) -> None:
    ids = ", ".join(f'"{encode(number)}"' for number in range(1, 1001))
    answer = await ask(client, f'mutation {{ removeNotification(username: "test", ids: [{ids}]) }}')
    assert answer["data"] == {"removeNotification": True}


async def test_the_introspection_of_graphql_tools_is_within_the_limits(client: Client) -> None:
    query = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    assert excess([parse(query)]) is None
    assert (await ask(client, query))["data"]["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}


def test_a_fragment_counts_where_it_is_used_or_once_where_it_is_not() -> None:
    fragment = "fragment F on Query {" + " ".join(f"a{n}: __typename" for n in range(8)) + "}"
    assert excess([parse("{ ...F } " + fragment)]) is None
    assert excess([parse("{ __typename } " + fragment)]) is None
    assert excess([parse("{ ...F ...F } " + fragment)]) == "At most 15 aliases"
