"""Build the HTTP application over the services."""

from collections.abc import Sequence

from aiohttp import web

from notification.http import home, html_pages, keys, notifications, stream
from notification.http.frame import Frame
from notification.http.graphql import routes as graphql
from notification.http.heartbeats import Heartbeats
from notification.http.observer import NULL_OBSERVER, RequestObserver
from notification.http.openapi import routes as openapi
from notification.http.rendered_pages import RenderedPages
from notification.http.rest import rest_routes
from notification.services.inbox import Inbox
from notification.services.live import Hub
from notification.services.rules import RulesService


def make_application(
    inbox: Inbox,
    rules_service: RulesService,
    hub: Hub,
    observer: RequestObserver = NULL_OBSERVER,
    *,
    max_body: int,
    log_requests: float,
    heartbeat: float,
    cors_origins: Sequence[str] = (),
    base_path: str = "",
    ide: graphql.Ide = "builtin",
) -> web.Application:
    """Build an application that serves these services and reports every request to `observer`.

    `max_body`: maximum size of a request body, in bytes. `heartbeat`: seconds of silence after which a stream sends a
    comment. `cors_origins`: origins whose pages may call the application. `base_path`: the prefix of the paths of
    the REST interface. `ide`: the page that `/graphql` shows to browsers.
    """
    application = web.Application(client_max_size=max_body)
    application[keys.FRAME] = Frame(application, observer, log_requests, base_path, notifications.HOT).around
    application[keys.INBOX] = inbox
    application[keys.RENDERED_PAGES] = RenderedPages(inbox)
    application[keys.RULES_SERVICE] = rules_service
    application[keys.HUB] = hub
    application[keys.HEARTBEATS] = Heartbeats(heartbeat)
    application[keys.ORIGINS] = frozenset(cors_origins)
    application.on_shutdown.append(stream.end_streams)
    application[keys.BASE_PATH] = base_path
    application.add_routes([*rest_routes(base_path), *openapi.make_routes(base_path)])
    for module in (home, html_pages):
        application.add_routes(module.routes)
    application.add_routes(html_pages.files)
    application.add_routes(graphql.make_routes(application, ide))
    return application
