"""`/v1/notifications` and `/v1/notifications/{username}`."""

from typing import Final

from aiohttp import hdrs, web

from notification.domain import footprint
from notification.domain.drafts import Draft, FanOutDraft, check, check_flag, check_ids, check_key, check_username
from notification.domain.pages import Page
from notification.domain.ranges import FIRST, parse_range
from notification.http import rendering
from notification.http.body import read_json
from notification.http.conditional import Headers, conditional, tag_of
from notification.http.origins import base_url, is_foreign
from notification.http.query import check_parameters
from notification.services.fanout import fan_out
from notification.services.inbox import Inbox

INBOX: Final = web.AppKey("inbox", Inbox)

routes = web.RouteTableDef()
# Tried in this order, so what is asked for most comes first; methods of one path make one resource while adjacent.


@routes.get("/v1/notifications/{username}")
async def page(request: web.Request) -> web.Response:
    """A page of a feed, newest first; moves the user's cursor, unless it is only peeked at."""
    header = request.headers.get(hdrs.RANGE)
    wanted = parse_range(header) if header else None
    peek = request.method == hdrs.METH_HEAD or _is_peek(request) or is_foreign(request)
    username, inbox = _username(request), request.app[INBOX]
    body, headers = rendered(inbox, username, await inbox.page(username, wanted or FIRST, mark_seen=not peek))
    return conditional(request, body, 206 if wanted else 200, headers)


@routes.post("/v1/notifications/{username}")
async def create(request: web.Request) -> web.Response:
    """Put a notification on top of a feed."""
    username, key, base = _username(request), check_key(request.headers.get("Idempotency-Key")), base_url(request)
    made = await request.app[INBOX].creation.create(username, check(Draft, await read_json(request)), key)
    headers = {"Location": f"{base}/v1/notifications/{username}"}
    if made.replayed:
        headers["Idempotent-Replayed"] = "true"
    return rendering.json_response(rendering.created(made.notification), 201, headers)


@routes.delete("/v1/notifications/{username}")
async def remove(request: web.Request) -> web.Response:
    """Remove the notifications named by `ids`; without that parameter, all of them and the cursor."""
    username = _username(request)
    check_parameters(request, "ids")
    if "ids" in request.query:
        await request.app[INBOX].remove(username, check_ids(request.query.getall("ids")))
    else:
        await request.app[INBOX].remove_all(username)
    return web.Response(status=204)


@routes.get("/v1/notifications/{username}/count")
async def count(request: web.Request) -> web.Response:
    """How much there is and how much of it unseen. Moves nothing."""
    counts = await request.app[INBOX].count(_username(request))
    body = rendering.encode(rendering.counts(counts))
    return conditional(request, body, 200, Headers({"Cache-Control": rendering.NO_CACHE, hdrs.ETAG: tag_of(body)}))


@routes.post("/v1/notifications")
async def create_many(request: web.Request) -> web.Response:
    """Put one notification on top of many feeds."""
    key = check_key(request.headers.get("Idempotency-Key"))
    draft = check(FanOutDraft, await read_json(request))
    outcomes = await fan_out(request.app[INBOX].creation, draft.usernames, draft, key)
    return rendering.json_response(rendering.fan_out(draft.usernames, outcomes))


def rendered(inbox: Inbox, username: str, page: Page) -> tuple[bytes, Headers]:
    """The page's body and headers, made once per page: most readers ask for one that another has asked for."""
    if "json" not in page.rendered:
        body = rendering.encode(rendering.items(page))
        headers = Headers({**rendering.page_headers(page), hdrs.ETAG: tag_of(body)})
        size = footprint.of_rendered(body, headers.values())
        inbox.keep_rendered(username, page, "json", (body, headers), size)
    made: tuple[bytes, Headers] = page.rendered["json"]
    return made


def _is_peek(request: web.Request) -> bool:
    return bool(request.query_string) and check_flag("peek", request.query.get("peek"))


def _username(request: web.Request) -> str:
    return check_username(request.match_info["username"])
