"""`/v1/cursors/{username}/{cursor}`."""

from aiohttp import web

from notification.domain.drafts import CursorDraft, check, check_names
from notification.http import rendering
from notification.http.body import read_json
from notification.http.notifications import INBOX
from notification.http.query import check_parameters

routes = web.RouteTableDef()


@routes.get("/v1/cursors/{username}/{cursor}")
async def show(request: web.Request) -> web.Response:
    """How far the cursor has come."""
    cursor = await request.app[INBOX].cursor(*_names(request))
    return rendering.json_response(rendering.cursor(cursor), headers={"Cache-Control": rendering.NO_CACHE})


@routes.put("/v1/cursors/{username}/{cursor}")
async def move(request: web.Request) -> web.Response:
    """Move it forward; an older value changes nothing."""
    username, name = _names(request)
    draft = check(CursorDraft, await read_json(request))
    await request.app[INBOX].move_cursor(username, name, draft.value)
    return web.Response(status=204)


@routes.delete("/v1/cursors/{username}/{cursor}")
async def remove(request: web.Request) -> web.Response:
    """Delete a named cursor."""
    check_parameters(request)
    await request.app[INBOX].cursors.remove(*_names(request))
    return web.Response(status=204)


def _names(request: web.Request) -> tuple[str, str]:
    username, name = request.match_info["username"], request.match_info["cursor"]
    check_names(username=username, cursor=name)
    return username, name
