"""The composition root: builds every live object, once, from the configuration, and takes them down again."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from notification.domain import footprint
from notification.domain.errors import StoreError
from notification.http.application import make_application
from notification.http.cors import allow
from notification.http.observer import NULL_OBSERVER, RequestObserver
from notification.http.proxies import trust
from notification.operations.admin import add_admin, make_admin
from notification.operations.health import CorruptValues, HealthCheck
from notification.operations.metrics import Metrics
from notification.runtime.config import Config, Embedded, Riak
from notification.services.cursor_names import CursorNames
from notification.services.cursors import Cursors
from notification.services.ids import IdGenerator
from notification.services.inbox import Inbox
from notification.services.live import Hub
from notification.services.rules import RulesService
from notification.storage.bucket import Bucket
from notification.storage.embedded.store import EmbeddedStore
from notification.storage.observed import ObservedStore
from notification.storage.salvage import salvage
from notification.storage.store import Store
from siblings import CURSOR, CURSOR_NAMES, FEED, RULE_MAP, Cursor, Feed, Mergeable, RuleMap

OPERATORS: Final = web.AppKey("operators", web.Application)
"""What serves `/admin` and `/metrics` on `server.admin_port`. Absent: the application itself does."""
FEEDS: Final = "notifications"
CURSORS: Final = "cursors"
RULES: Final = "rules"
NAMES: Final = "cursor_names"
NAMES_CAPACITY: Final = 4 * 1024 * 1024
"""Bytes of cached names of cursors, of which few users have any."""
TYPES: Final[Mapping[str, Mergeable[Any]]] = {
    FEEDS: FEED,
    CURSORS: CURSOR,
    RULES: RULE_MAP,
    NAMES: CURSOR_NAMES,
}
"""What is stored in which bucket."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Service:
    """The use cases over an open store."""

    inbox: Inbox
    ruleset: RulesService
    hub: Hub
    store: Store


@asynccontextmanager
async def open_store(config: Config, observer: RequestObserver = NULL_OBSERVER) -> AsyncIterator[Store]:
    """The store that the configuration names, until the block ends.

    Raises `StoreUnavailable` where a file can't be opened, `StoreMisconfigured` where the store would lose data. A Riak
    that does not answer is no error: the service waits for it.
    """
    riak = config.storage == "riak"
    store = await (_riak(config.riak, observer) if riak else _embedded(config.embedded, observer))
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_service(
    config: Config, id_generator: IdGenerator | None = None, observer: RequestObserver = NULL_OBSERVER
) -> AsyncIterator[Service]:
    """The service, until the block ends; then what is under way is written, and the store closed."""
    async with open_store(config, observer) as store:
        feeds, cursors, rule_map, names = make_buckets(store, config, observer)
        id_generator = id_generator or IdGenerator()
        mend = partial(salvage, store, RULE_MAP, RULES)
        ruleset = RulesService(
            rule_map, config.configured_rules, config.rule_cache_timeout, id_generator, observer, mend
        )
        try:
            inbox = Inbox(
                feeds,
                Cursors(cursors, CursorNames(names, id_generator)),
                ruleset,
                id_generator,
                config.cache.views,
                observer,
            )
            yield Service(inbox, ruleset, Hub(inbox, feeds, cursors, config.live.poll_interval, observer), store)
        finally:
            await ruleset.close()
            for bucket in (feeds, cursors, rule_map, names):
                await bucket.close()


def make_buckets(
    store: Store, config: Config, observer: RequestObserver = NULL_OBSERVER
) -> tuple[Bucket[Feed], Bucket[Cursor], Bucket[RuleMap], Bucket[RuleMap]]:
    """Feeds, cursors, the rule map and the names of cursors in a store."""
    deadline, size = config.request_timeout, config.cache
    options: dict[str, Any] = {"deadline": deadline, "observer": observer}
    return (
        Bucket(FEEDS, FEED, store, capacity=size.feeds, size_of=footprint.of_feed, **options),
        Bucket(CURSORS, CURSOR, store, capacity=size.cursors, size_of=footprint.of_cursor, **options),
        Bucket(RULES, RULE_MAP, store, size_of=footprint.of_rule_map, **options),
        Bucket(NAMES, CURSOR_NAMES, store, capacity=NAMES_CAPACITY, size_of=footprint.of_rule_map, **options),
    )


@asynccontextmanager
async def open_application(
    config: Config, id_generator: IdGenerator | None = None, shared: Path | None = None
) -> AsyncIterator[web.Application]:
    """The HTTP application over the service, until the block ends; `OPERATORS` is in it if operators have a port of
    their own. `shared`: see `Metrics`."""
    corrupt = CorruptValues()
    metrics = Metrics(TYPES, shared, corrupt.note)
    async with open_service(config, id_generator, metrics) as service:
        application = make_application(
            service.inbox,
            service.ruleset,
            service.hub,
            metrics,
            max_body=config.server.max_body,
            log_requests=config.logging.requests,
            heartbeat=config.live.heartbeat,
            cors_origins=config.server.cors_origins,
        )
        health = HealthCheck(service.store, FEEDS, rules=service.ruleset.current, corrupt=corrupt)
        if config.server.admin_port is None:
            add_admin(application, metrics, health)
        else:
            application[OPERATORS] = make_admin(metrics, health, log_requests=config.logging.requests)
        for part in (application, application.get(OPERATORS)):
            if part is not None and config.server.proxies:
                part.middlewares.append(trust(config.server.proxies))
        if config.server.cors_origins:
            allow(application, config.server.cors_origins)
        yield application


async def _embedded(settings: Embedded, observer: RequestObserver) -> Store:
    return ObservedStore(EmbeddedStore(Path(settings.path), settings.timeout), "embedded", observer)


async def _riak(settings: Riak, observer: RequestObserver) -> Store:
    # Imported here, as a service on the embedded store has no need of Protocol Buffers: 3 MB.
    from notification.riak.client import RiakClient
    from notification.riak.options import Options, SecurityCreds
    from notification.storage import java as legacy
    from notification.storage.riak_store import RiakStore

    options = Options(
        pool_size=settings.connections_per_node,
        connect_timeout=settings.connect_timeout,
        request_timeout=settings.request_timeout,
        deadline=settings.deadline,
    )
    credentials = SecurityCreds(**settings.security.model_dump()) if settings.security else None
    quorums = settings.model_dump(include={"r", "pr", "w", "pw", "dw"})
    store = RiakStore(
        RiakClient(settings.nodes, credentials=credentials, options=options, observer=observer),
        bucket_type=settings.bucket_type,
        content_types={CURSORS: "application/json"},
        translate={legacy.CONTENT_TYPE: legacy.read_list},
        **quorums,
    )
    try:
        missing = await store.start(tuple(TYPES))
    except StoreError:
        await store.close()
        raise
    if missing:
        log.warning("nodes do not answer", nodes=missing)
    return store
