"""Place the routes of the REST interface under `server.base_path`, with and without a trailing slash."""

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from notification.http import cursors, notifications, ping, rules, stream

TABLES: Final = (notifications.routes, cursors.routes, stream.routes, rules.routes, ping.routes)


def rest_routes(base_path: str) -> list[web.RouteDef]:
    """Return the routes of the REST interface.

    A path with a trailing slash is the same resource, as in JAX-RS. `/ping` and `/version` are also at the root, for
    probes that know no base path.
    """
    routes = [_placed(route, base_path + _with_braces(route.path)) for route in _of(TABLES)]
    at_root = list(_of([ping.routes])) if base_path else []
    return [*routes, *at_root, *(_placed(route, f"{route.path}/") for route in routes)]


def _with_braces(path: str) -> str:
    """Let names in the path contain braces, which aiohttp excludes by default."""
    return path.replace("}", ":[^/]+}")


def _of(tables: Iterable[web.RouteTableDef]) -> Iterable[web.RouteDef]:
    return (route for table in tables for route in table if isinstance(route, web.RouteDef))


def _placed(route: web.RouteDef, path: str) -> web.RouteDef:
    return web.RouteDef(route.method, path, route.handler, route.kwargs)
