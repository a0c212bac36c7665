"""Handlers of `/openapi.json` and `/docs`."""

from functools import cache

from aiohttp import web

from notification.http.html_pages import html
from notification.http.keys import BASE_PATH
from notification.http.openapi.document import make_document
from notification.http.openapi.operation import Schema
from notification.http.openapi.page import render_page
from notification.http.serializers import json_response

routes = web.RouteTableDef()


@routes.get("/openapi.json")
async def show_document(request: web.Request) -> web.Response:
    """Return the document as JSON."""
    return json_response(_made(request.app[BASE_PATH])[0], headers={"Cache-Control": "no-cache"})


@routes.get("/docs")
async def show_page(request: web.Request) -> web.Response:
    """Return the document as a page."""
    return html(_made(request.app[BASE_PATH])[1])


@cache
def _made(base_path: str) -> tuple[Schema, str]:
    """Build the document and its page on the first request, because few processes ever receive one."""
    document = make_document(base_path)
    return document, render_page(document)
