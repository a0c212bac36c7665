"""Handlers of `/v1/notifications`, `/v1/notifications/{username}` and its count."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from notification.domain.drafts import FanOutDraft, check, check_username
from notification.domain.ranges import FIRST
from notification.http import serializers
from notification.http.compression import MIN_SIZE, accepts_gzip
from notification.http.etag import conditional_response, represent
from notification.http.frame import HotRoute, UserHandler
from notification.http.json_body import read_content, read_json
from notification.http.keys import BASE_PATH, INBOX, ORIGINS, RENDERED_PAGES
from notification.http.origins import base_url, is_foreign
from notification.http.parameters import check_key, check_parameters, parse_flag, parse_ids, path_name
from notification.http.range_header import parse_range
from notification.services.fanout import fan_out

routes = web.RouteTableDef()
_PATH: Final = "/v1/notifications/{username}"


async def show(app: web.Application, request: web.Request, username: str) -> web.Response:
    """Return a page of a feed, newest first, and move the user's cursor.

    A HEAD request, a request with `peek=true` and a request from a page of another site do not move the cursor.
    """
    header = request.headers.get(hdrs.RANGE)
    wanted = parse_range(header) if header else None
    peek = request.method == hdrs.METH_HEAD or _is_peek(request) or is_foreign(request, app[ORIGINS])
    page = await app[INBOX].page(username, wanted or FIRST, mark_seen=not peek)
    pages = app[RENDERED_PAGES]
    shown = pages.plain(username, page)
    if len(shown.body) >= MIN_SIZE and accepts_gzip(request):
        shown = await pages.gzip(username, page)
    return conditional_response(request, shown, 206 if wanted else 200)


async def create(app: web.Application, request: web.Request, username: str) -> web.Response:
    """Put a notification on top of a feed."""
    key, base = check_key(request.headers.get("Idempotency-Key")), base_url(request)
    made = await app[INBOX].creation.create(username, await read_content(request), key)
    location = f"{base}{app[BASE_PATH]}/v1/notifications/{quote(username, safe='~@:+')}"
    headers = {"Location": location}
    if made.replayed:
        headers["Idempotent-Replayed"] = "true"
    return serializers.json_response(serializers.created(made.notification), 201, headers)


async def remove(app: web.Application, request: web.Request, username: str) -> web.Response:
    """Remove the notifications in `ids`. Without that parameter, remove all notifications and every cursor."""
    check_parameters(request, "ids")
    if "ids" in request.query:
        await app[INBOX].remove(username, parse_ids(request.query.getall("ids")))
    else:
        await app[INBOX].remove_all(username)
    return web.Response(status=204)


async def count(app: web.Application, request: web.Request, username: str) -> web.Response:
    """Return how many notifications there are, and how many are unseen. This does not move the cursor."""
    counts = await app[INBOX].count(username)
    shown = represent(serializers.encode(serializers.counts(counts)), {"Cache-Control": serializers.NO_CACHE})
    return conditional_response(request, shown, 200)


async def create_many(request: web.Request) -> web.Response:
    """Put one notification on top of many feeds."""
    key = check_key(request.headers.get("Idempotency-Key"))
    draft = check(FanOutDraft, await read_json(request))
    outcomes = await fan_out(request.app[INBOX].creation, draft.usernames, draft, key)
    return serializers.json_response(serializers.fan_out(draft.usernames, outcomes))


def _of_user(handler: UserHandler) -> Handler:
    """Give the handler the username in the path."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await handler(request.app, request, check_username(path_name(request, "username")))

    return handle


def _is_peek(request: web.Request) -> bool:
    return bool(request.query_string) and parse_flag("peek", request.query.get("peek"))


# aiohttp tries routes in this order, so the most frequent come first. Adjacent routes of one path share a resource.
routes.get(_PATH)(_of_user(show))
routes.post(_PATH)(_of_user(create))
routes.delete(_PATH)(_of_user(remove))
routes.get(f"{_PATH}/count")(_of_user(count))
routes.post("/v1/notifications")(create_many)
HOT: Final[Mapping[tuple[str, str], HotRoute]] = {
    (hdrs.METH_GET, ""): HotRoute(_PATH, show),
    (hdrs.METH_POST, ""): HotRoute(_PATH, create),
    (hdrs.METH_GET, "/count"): HotRoute(f"{_PATH}/count", count),
}
"""The routes that the frame serves without the router."""
