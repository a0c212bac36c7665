"""The HTTP application, from the use cases."""

from collections.abc import Sequence

from aiohttp import web

from notification.http import cursors, home, html_pages, keys, notifications, ping, rules, stream
from notification.http.graphql import endpoint as graphql
from notification.http.middleware import make_middleware
from notification.http.observer import NULL_OBSERVER, RequestObserver
from notification.http.openapi import routes as openapi
from notification.services.inbox import Inbox
from notification.services.live import Hub
from notification.services.rules import RulesService


def make_application(
    inbox: Inbox,
    ruleset: RulesService,
    hub: Hub,
    observer: RequestObserver = NULL_OBSERVER,
    *,
    max_body: int,
    log_requests: bool,
    heartbeat: float,
    cors_origins: Sequence[str] = (),
) -> web.Application:
    """An application that serves these use cases; `observer` hears of every request.

    `max_body`: bytes of the longest request body. `heartbeat`: seconds between two signs of life of a stream.
    `cors_origins`: the other origins whose pages may call it.
    """
    exchange, finish = make_middleware(observer, log_requests=log_requests)
    application = web.Application(middlewares=[exchange], client_max_size=max_body)
    application[keys.INBOX] = inbox
    application[keys.RULES_SERVICE] = ruleset
    application[keys.HUB] = hub
    application[keys.HEARTBEAT] = heartbeat
    application[keys.ORIGINS] = frozenset(cors_origins)
    application.on_shutdown.append(stream.end_streams)
    application.on_response_prepare.append(finish)
    for module in (notifications, cursors, stream, rules, ping, openapi, home, html_pages):
        application.add_routes(module.routes)
    application.add_routes(html_pages.files)
    application.add_routes(graphql.make_routes(application))
    return application
