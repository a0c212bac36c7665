"""The composition root: builds every live object, once, from the configuration, and takes them down again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from notification.buckets import Bucket
from notification.config import Config
from notification.cursors import Cursors
from notification.http.application import make_application
from notification.ids import Mint
from notification.inbox import Inbox
from notification.ruleset import Ruleset
from notification.stores.embedded import EmbeddedStore
from notification.stores.interface import Store
from siblings import CURSOR, FEED, RULEBOOK, Feed


@dataclass(frozen=True, slots=True)
class Service:
    """The use cases over an open store."""

    inbox: Inbox
    ruleset: Ruleset
    store: Store


@asynccontextmanager
async def open_service(config: Config, mint: Mint | None = None) -> AsyncIterator[Service]:
    """The service, until the block ends; then what is under way is written, and the store closed."""
    mint = mint or Mint()
    store = EmbeddedStore(Path(config.embedded.path), config.embedded.timeout)
    deadline = config.request_timeout
    feeds = Bucket("notifications", FEED, store, capacity=config.cache.notifications, weigh=_weight, deadline=deadline)
    cursors = Bucket("cursors", CURSOR, store, capacity=config.cache.cursors, deadline=deadline)
    rulebook = Bucket("rules", RULEBOOK, store, deadline=deadline)
    ruleset = Ruleset(rulebook, config.standing_rules, config.rule_cache_timeout, mint)
    try:
        yield Service(Inbox(feeds, Cursors(cursors), ruleset, mint), ruleset, store)
    finally:
        for bucket in (feeds, cursors, rulebook):
            await bucket.close()
        await store.close()


@asynccontextmanager
async def open_application(config: Config, mint: Mint | None = None) -> AsyncIterator[web.Application]:
    """The HTTP application over the service, until the block ends."""
    async with open_service(config, mint) as service:
        yield make_application(
            service.inbox, service.ruleset, max_body=config.server.max_body, log_requests=config.logging.requests
        )


def _weight(feed: Feed) -> int:
    """What a cached feed costs, in notifications."""
    return 1 + len(feed.slots)
