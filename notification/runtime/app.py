"""The composition root. It builds every live object once from the configuration, and closes all of them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import structlog
from aiohttp import web

from notification.domain import footprint
from notification.domain.errors import StoreError, StoreUnavailable
from notification.domain.model import Rules
from notification.http.application import make_application
from notification.http.cors import allow
from notification.http.keys import OPERATORS
from notification.http.observer import NULL_OBSERVER, RequestObserver
from notification.http.proxies import trust
from notification.operations.admin import add_admin, make_admin
from notification.operations.copying import Place
from notification.operations.health import CorruptValues, HealthCheck
from notification.operations.metrics import Metrics
from notification.runtime.config import Config, Embedded, Riak
from notification.services.cursor_names import CursorNames
from notification.services.cursors import Cursors
from notification.services.ids import IdGenerator
from notification.services.inbox import Inbox
from notification.services.live import Hub
from notification.services.rules import KEY, RulesService, standing
from notification.storage.bucket import Bucket
from notification.storage.embedded.store import EmbeddedStore
from notification.storage.salvage import salvage
from notification.storage.store import Store
from siblings import CURSOR, CURSOR_NAMES, FEED, RULE_MAP, Cursor, Feed, Mergeable, RuleMap

FEEDS: Final = "notifications"
CURSORS: Final = "cursors"
RULES: Final = "rules"
NAMES: Final = "cursor_names"
NAMES_CAPACITY: Final = 4 * 1024 * 1024
"""Capacity of the cache of cursor names, in bytes. Few users have named cursors."""
TYPES: Final[Mapping[str, Mergeable[Any]]] = {
    FEEDS: FEED,
    CURSORS: CURSOR,
    RULES: RULE_MAP,
    NAMES: CURSOR_NAMES,
}
"""The type of the values in each bucket."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Service:
    """The services, and the open store that they use."""

    inbox: Inbox
    ruleset: RulesService
    hub: Hub
    store: Store


@asynccontextmanager
async def open_store(config: Config, observer: RequestObserver = NULL_OBSERVER) -> AsyncIterator[Store]:
    """Open the configured store, and close it at the end of the block.

    Raises `StoreUnavailable` if a file can't be opened, `StoreMisconfigured` if the store would lose data. It is not an
    error if a Riak cluster does not answer, because the service can wait for the cluster.
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
    """Open the services. At the end of the block, write the pending changes and close the store."""
    async with open_store(config, observer) as store:
        feeds, cursors, rule_map, names = make_buckets(store, config, observer)
        id_generator = id_generator or IdGenerator()
        mend = partial(salvage, store, RULE_MAP, RULES)
        ruleset = RulesService(
            rule_map,
            config.configured_rules,
            config.rule_cache_timeout,
            id_generator,
            observer,
            mend,
            partial(java_rules, store, config),
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
            await _close((feeds, cursors, rule_map, names), config.server.shutdown_timeout)


async def java_rules(store: Store, config: Config) -> Rules:
    """Return the rules that the Java service has written to this store. Raises `StoreUnavailable`.

    A rule that can't be applied is logged and omitted. If Riak refuses the request, for example because the configured
    user has no permission for the bucket type, this is logged, and the result is empty.
    """
    if config.storage != "riak" or not config.riak.java_buckets:
        return {}
    # Imported here for the reason given in `_riak`.
    from notification.storage.java import rules as java
    from notification.storage.riak_store import RiakStore

    try:
        found = java.read_rules(
            (await cast("RiakStore", store).fetch_map(java.BUCKET_TYPE, java.BUCKET, java.KEY)).maps
        )
    except StoreUnavailable:
        raise
    except StoreError as error:
        log.warning("rules of the Java service not read", reason=str(error))
        return {}
    for reason in found.refused:
        log.warning("rule of the Java service not applied", reason=reason)
    return found.rules


async def rules_besides(store: Store, config: Config) -> Mapping[Place, RuleMap]:
    """Return the rules of the Java service as a rule map, with its bucket and key; empty if there are no rules."""
    rules = await java_rules(store, config)
    return {Place(RULES, KEY): standing(rules)} if rules else {}


async def _close(buckets: Iterable[Bucket[Any]], seconds: float) -> None:
    """Write the pending changes of all buckets concurrently. After `seconds`, cancel the remaining writes."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(bucket.close() for bucket in buckets))
    except TimeoutError:
        log.warning("unfinished writes were cancelled", reason="server.shutdown_timeout has passed")


def make_buckets(
    store: Store, config: Config, observer: RequestObserver = NULL_OBSERVER
) -> tuple[Bucket[Feed], Bucket[Cursor], Bucket[RuleMap], Bucket[RuleMap]]:
    """Return the buckets of feeds, cursors, the rule map and the cursor names in a store."""
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
    """Open the services and their HTTP application.

    If operators have their own port, the key `OPERATORS` of the application holds the application for that port.
    `shared`: the folder for the metrics of all workers; `None` if this is the only process.
    """
    corrupt = CorruptValues()
    metrics = Metrics(TYPES, shared, corrupt.note)
    async with open_service(config, id_generator, metrics) as service:
        application = make_application(
            service.inbox,
            service.ruleset,
            service.hub,
            metrics,
            max_body=config.server.max_body,
            log_requests=config.logging.request_share,
            heartbeat=config.live.heartbeat,
            cors_origins=config.server.cors_origins,
            base_path=config.server.base_path,
            ide=config.graphql.ide,
        )
        health = HealthCheck(service.store, FEEDS, rules=service.ruleset.current, corrupt=corrupt)
        if config.server.admin_port is None:
            add_admin(application, metrics, health)
        else:
            application[OPERATORS] = make_admin(metrics, health, log_requests=config.logging.request_share)
        for part in (application, application.get(OPERATORS)):
            if part is not None and config.server.proxies:
                part.middlewares.append(trust(config.server.proxies))
        if config.server.cors_origins:
            allow(application, config.server.cors_origins)
        yield application


async def _embedded(settings: Embedded, observer: RequestObserver) -> Store:
    return EmbeddedStore(Path(settings.path), settings.timeout, observer)


async def _riak(settings: Riak, observer: RequestObserver) -> Store:
    # Imported here because the embedded store does not need Protocol Buffers, which take 3 MB.
    from notification.riak.client import RiakClient
    from notification.riak.options import Options, SecurityCreds
    from notification.storage.java.values import CURSOR_TYPE, LIST_TYPE, read_cursor, read_list
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
        content_types={CURSORS: CURSOR_TYPE},
        translate={LIST_TYPE: read_list, CURSOR_TYPE: read_cursor} if settings.java_buckets else {},
        **quorums,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        missing = await store.start(tuple(TYPES))
        stack.pop_all()
    if missing:
        log.warning("nodes do not answer", nodes=missing)
    return store
