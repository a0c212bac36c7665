"""The keys of an application and of a request under which the HTTP layer keeps shared objects."""

from collections.abc import Callable, Set
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from notification.http.heartbeats import Heartbeats
from notification.http.rendered_pages import RenderedPages
from notification.services.inbox import Inbox
from notification.services.live import Hub
from notification.services.rules import RulesService

INBOX: Final = web.AppKey("inbox", Inbox)
RENDERED_PAGES: Final = web.AppKey("rendered_pages", RenderedPages)
RULES_SERVICE: Final = web.AppKey("rules_service", RulesService)
HUB: Final = web.AppKey("hub", Hub)
HEARTBEATS: Final = web.AppKey("heartbeats", Heartbeats)
ORIGINS: Final = web.AppKey[Set[str]]("origins", frozenset)
"""`server.cors_origins`."""
BASE_PATH: Final = web.AppKey("base_path", str)
"""`server.base_path`."""
OPERATORS: Final = web.AppKey("operators", web.Application)
"""The application that serves `/admin` and `/metrics` on `server.admin_port`; absent if the main application does."""
FRAME: Final[web.AppKey[Callable[[Handler], Handler]]] = web.AppKey("frame")
"""Wraps the application's request handler before aiohttp's server gets it."""
REMOTE: Final = web.RequestKey("remote", str)
"""The client's address according to a trusted proxy."""
