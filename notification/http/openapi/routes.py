"""Handlers of `/openapi.json` and `/docs`. The first request imports the operations and builds the document.

Nothing here imports the operations, because they take 11 MB, most of it for the GraphQL operations, and few processes
ever receive such a request.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from notification.http.first_use import FirstUse
from notification.http.html_pages import html
from notification.http.serializers import json_response

if TYPE_CHECKING:
    from notification.http.openapi.operation import Schema


def make_routes(base_path: str) -> Sequence[web.AbstractRouteDef]:
    """Make the routes. `base_path`: the prefix of the REST paths."""
    made = FirstUse(partial(_make, base_path))

    async def show_document(_request: web.Request) -> web.Response:
        return json_response((await made.get())[0], headers={"Cache-Control": "no-cache"})

    async def show_page(_request: web.Request) -> web.Response:
        return html((await made.get())[1])

    return [web.get("/openapi.json", show_document), web.get("/docs", show_page)]


def _make(base_path: str) -> tuple["Schema", str]:
    """Build the document and its page."""
    from notification.http.openapi.document import make_document
    from notification.http.openapi.page import render_page

    document = make_document(base_path)
    return document, render_page(document)
