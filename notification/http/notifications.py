"""Handlers of `/v1/notifications`, `/v1/notifications/{username}` and its count."""

from urllib.parse import quote

from aiohttp import hdrs, web

from notification.domain.drafts import FanOutDraft, check, check_username
from notification.domain.ranges import FIRST
from notification.http import serializers
from notification.http.etag import Headers, conditional_response, tag_of
from notification.http.json_body import read_content, read_json
from notification.http.keys import BASE_PATH, INBOX, RENDERED_PAGES
from notification.http.origins import base_url, is_foreign
from notification.http.parameters import check_key, check_parameters, parse_flag, parse_ids, path_name
from notification.http.range_header import parse_range
from notification.services.fanout import fan_out

routes = web.RouteTableDef()
# aiohttp tries routes in this order, so the most frequent come first; adjacent methods of a path share a resource.


@routes.get("/v1/notifications/{username}")
async def show(request: web.Request) -> web.Response:
    """Return a page of a feed, newest first, and move the user's cursor unless the request peeks."""
    header = request.headers.get(hdrs.RANGE)
    wanted = parse_range(header) if header else None
    peek = request.method == hdrs.METH_HEAD or _is_peek(request) or is_foreign(request)
    username = _username(request)
    page = await request.app[INBOX].page(username, wanted or FIRST, mark_seen=not peek)
    body, headers = request.app[RENDERED_PAGES].render(username, page)
    return conditional_response(request, body, 206 if wanted else 200, headers)


@routes.post("/v1/notifications/{username}")
async def create(request: web.Request) -> web.Response:
    """Put a notification on top of a feed."""
    username, key, base = _username(request), check_key(request.headers.get("Idempotency-Key")), base_url(request)
    made = await request.app[INBOX].creation.create(username, await read_content(request), key)
    location = f"{base}{request.app[BASE_PATH]}/v1/notifications/{quote(username, safe='~@:+')}"
    headers = {"Location": location}
    if made.replayed:
        headers["Idempotent-Replayed"] = "true"
    return serializers.json_response(serializers.created(made.notification), 201, headers)


@routes.delete("/v1/notifications/{username}")
async def remove(request: web.Request) -> web.Response:
    """Remove the notifications in `ids`; without that parameter, all notifications and the cursor."""
    username = _username(request)
    check_parameters(request, "ids")
    if "ids" in request.query:
        await request.app[INBOX].remove(username, parse_ids(request.query.getall("ids")))
    else:
        await request.app[INBOX].remove_all(username)
    return web.Response(status=204)


@routes.get("/v1/notifications/{username}/count")
async def count(request: web.Request) -> web.Response:
    """Return how many notifications there are, and how many are unseen. Moves no cursor."""
    counts = await request.app[INBOX].count(_username(request))
    body = serializers.encode(serializers.counts(counts))
    return conditional_response(
        request, body, 200, Headers({"Cache-Control": serializers.NO_CACHE, hdrs.ETAG: tag_of(body)})
    )


@routes.post("/v1/notifications")
async def create_many(request: web.Request) -> web.Response:
    """Put one notification on top of many feeds."""
    key = check_key(request.headers.get("Idempotency-Key"))
    draft = check(FanOutDraft, await read_json(request))
    outcomes = await fan_out(request.app[INBOX].creation, draft.usernames, draft, key)
    return serializers.json_response(serializers.fan_out(draft.usernames, outcomes))


def _is_peek(request: web.Request) -> bool:
    return bool(request.query_string) and parse_flag("peek", request.query.get("peek"))


def _username(request: web.Request) -> str:
    return check_username(path_name(request, "username"))
