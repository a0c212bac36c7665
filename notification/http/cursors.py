"""Handlers of `/v1/cursors/{username}/{cursor}`."""

from aiohttp import web

from notification.domain.drafts import CursorDraft, check, check_names, check_username
from notification.http import serializers
from notification.http.json_body import read_json
from notification.http.keys import INBOX
from notification.http.parameters import check_parameters, path_name

routes = web.RouteTableDef()


@routes.get("/v1/cursors/{username}/{cursor}")
async def show(request: web.Request) -> web.Response:
    """Return the cursor."""
    cursor = await request.app[INBOX].cursor(*_names(request))
    return serializers.json_response(serializers.cursor(cursor), headers={"Cache-Control": serializers.NO_CACHE})


@routes.put("/v1/cursors/{username}/{cursor}")
async def move(request: web.Request) -> web.Response:
    """Move the cursor forward; an older value changes nothing."""
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
    username, name = path_name(request, "username"), path_name(request, "cursor")
    check_names(username=username, cursor=name)
    return check_username(username), name
