"""`/v1/notifications/{username}`."""

from typing import Final

from aiohttp import hdrs, web

from notification.http import rendering
from notification.http.body import read_json
from notification.inbox import Inbox
from notification.ranges import Range, parse_range
from notification.validation import Draft, check, check_ids, check_names

INBOX: Final = web.AppKey("inbox", Inbox)

routes = web.RouteTableDef()


@routes.post("/v1/notifications/{username}")
async def create(request: web.Request) -> web.Response:
    """Put a notification on top of a feed."""
    username = _username(request)
    notification = await request.app[INBOX].create(username, check(Draft, await read_json(request)))
    location = f"{request.scheme}://{request.host}/v1/notifications/{username}"
    return rendering.json_response(rendering.created(notification), 201, {"Location": location})


@routes.get("/v1/notifications/{username}")
async def page(request: web.Request) -> web.Response:
    """A page of a feed, newest first; moves the user's cursor, but for HEAD."""
    wanted = parse_range(request.headers.get(hdrs.RANGE, ""))
    page = await request.app[INBOX].page(
        _username(request), wanted or Range(), mark_seen=request.method != hdrs.METH_HEAD
    )
    return rendering.json_response(rendering.items(page), 206 if wanted else 200, rendering.page_headers(page))


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
