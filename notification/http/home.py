"""Handler of `/`: links to what the service offers, for browsers and for programs."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from aiohttp import hdrs, web

from notification.http.html_pages import html
from notification.http.openapi.markup import Markup, element
from notification.http.serializers import json_response

LINKS: Final[Mapping[str, tuple[str, str]]] = {
    "reference": ("/docs", "reference of every request and reply"),
    "openapi": ("/openapi.json", "the same reference for programs"),
    "graphql": ("/graphql", "a page to write queries in"),
    "inbox": ("/inbox/demo", "the inbox of a user named demo"),
}
FOR_OPERATORS: Final = ("/admin", "health and metrics")

routes = web.RouteTableDef()


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """Return the links, as a page if the client accepts HTML, otherwise as JSON."""
    links = {**LINKS, "admin": FOR_OPERATORS} if _serves_operators(request.app) else LINKS
    as_page = "text/html" in request.headers.get(hdrs.ACCEPT, "")
    response = html(_page(links)) if as_page else json_response(_listed(links))
    response.headers[hdrs.VARY] = hdrs.ACCEPT
    return response


def _serves_operators(application: web.Application) -> bool:
    return any(resource.canonical == FOR_OPERATORS[0] for resource in application.router.resources())


def _listed(links: Mapping[str, tuple[str, str]]) -> dict[str, object]:
    return {
        "name": "Notification",
        "version": version("notification-feed"),
        "links": {name: path for name, (path, _) in links.items()},
    }


def _page(links: Mapping[str, tuple[str, str]]) -> str:
    items = [element("li", element("a", path, href=path), f": {about}") for path, about in links.values()]
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", "Notification"),
        Markup('<link rel="icon" href="/web/icon.svg"><link rel="stylesheet" href="/web/page.css">'),
    )
    main = element(
        "main",
        element("h1", "Notification"),
        element("p", "Every user's in-app notification feed."),
        element("ul", *items),
        class_="links",
    )
    return f"<!doctype html>\n{element('html', head, element('body', main), lang='en')}\n"
