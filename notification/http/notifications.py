"""`/v1/notifications` and `/v1/notifications/{username}`."""

from typing import Final

from aiohttp import hdrs, web

from notification.fanout import fan_out
from notification.http import rendering
from notification.http.body import read_json
from notification.http.conditional import conditional
from notification.inbox import Inbox
from notification.ranges import Range, parse_range
from notification.validation import Draft, FanOutDraft, check, check_flag, check_ids, check_key, check_names

INBOX: Final = web.AppKey("inbox", Inbox)

routes = web.RouteTableDef()


@routes.post("/v1/notifications/{username}")
async def create(request: web.Request) -> web.Response:
    """Put a notification on top of a feed."""
    username, key = _username(request), check_key(request.headers.get("Idempotency-Key"))
    made = await request.app[INBOX].create(username, check(Draft, await read_json(request)), key)
    headers = {"Location": f"{request.scheme}://{request.host}/v1/notifications/{username}"}
    if made.replayed:
        headers["Idempotent-Replayed"] = "true"
    return rendering.json_response(rendering.created(made.notification), 201, headers)


@routes.post("/v1/notifications")
async def create_many(request: web.Request) -> web.Response:
    """Put one notification on top of many feeds."""
    key = check_key(request.headers.get("Idempotency-Key"))
    draft = check(FanOutDraft, await read_json(request))
    outcomes = await fan_out(request.app[INBOX], draft.usernames, draft, key)
    return rendering.json_response(rendering.fan_out(draft.usernames, outcomes))


@routes.get("/v1/notifications/{username}")
async def page(request: web.Request) -> web.Response:
    """A page of a feed, newest first; moves the user's cursor, unless it is only peeked at."""
    wanted = parse_range(request.headers.get(hdrs.RANGE, ""))
    peek = check_flag("peek", request.query.get("peek")) or request.method == hdrs.METH_HEAD
    page = await request.app[INBOX].page(_username(request), wanted or Range(), mark_seen=not peek)
    reply = rendering.json_response(rendering.items(page), 206 if wanted else 200, rendering.page_headers(page))
    return conditional(request, reply)


@routes.get("/v1/notifications/{username}/count")
async def count(request: web.Request) -> web.Response:
    """How much there is and how much of it unseen. Moves nothing."""
    counts = await request.app[INBOX].count(_username(request))
    headers = {"Cache-Control": rendering.NO_CACHE}
    return conditional(request, rendering.json_response(rendering.counts(counts), headers=headers))


@routes.delete("/v1/notifications/{username}")
async def remove(request: web.Request) -> web.Response:
    """Remove the notifications named by `ids`; without that parameter, all of them and the cursor."""
    username = _username(request)
    if "ids" in request.query:
        await request.app[INBOX].remove(username, check_ids(request.query.getall("ids")))
    else:
        await request.app[INBOX].remove_all(username)
    return web.Response(status=204)


def _username(request: web.Request) -> str:
    username = request.match_info["username"]
    check_names(username=username)
    return username
