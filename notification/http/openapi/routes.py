"""`/openapi.json` and `/docs`."""

from functools import cache

from aiohttp import web

from notification.http.html_pages import html
from notification.http.openapi.document import make_document
from notification.http.openapi.operation import Schema
from notification.http.openapi.page import render_page
from notification.http.serializers import json_response

routes = web.RouteTableDef()


@routes.get("/openapi.json")
async def show_document(request: web.Request) -> web.Response:
    """The document, for programs."""
    return json_response(_made()[0], headers={"Cache-Control": "no-cache"})


@routes.get("/docs")
async def show_page(request: web.Request) -> web.Response:
    """The document, for people."""
    return html(_made()[1])


@cache
def _made() -> tuple[Schema, str]:
    """The document and its page: made when they are first asked for, as few processes ever are."""
    document = make_document()
    return document, render_page(document)
