"""`/openapi.json` and `/docs`."""

from collections.abc import Sequence

from aiohttp import web

from notification.http.openapi.document import make_document
from notification.http.openapi.page import render_page
from notification.http.pages import html
from notification.http.rendering import json_response


def make_routes() -> Sequence[web.AbstractRouteDef]:
    """The routes, over a document made once."""
    document = make_document()
    page = render_page(document)

    async def show_document(request: web.Request) -> web.Response:
        return json_response(document, headers={"Cache-Control": "no-cache"})

    async def show_page(request: web.Request) -> web.Response:
        return html(page)

    return [web.get("/openapi.json", show_document), web.get("/docs", show_page)]
