"""Handlers of `/v1/rules`."""

from aiohttp import web

from notification.domain.drafts import check_names, check_rule
from notification.http import serializers
from notification.http.json_body import read_json
from notification.http.keys import RULES_SERVICE
from notification.http.parameters import check_parameters, path_name

routes = web.RouteTableDef()


@routes.get("/v1/rules")
async def show(request: web.Request) -> web.Response:
    """Return the rules in force."""
    rules = await request.app[RULES_SERVICE].current()
    return serializers.json_response(serializers.rules(rules), headers={"Cache-Control": serializers.NO_CACHE})


@routes.put("/v1/rules/{category}")
async def put(request: web.Request) -> web.Response:
    """Create or replace a category's rule."""
    category = _category(request)
    await request.app[RULES_SERVICE].put(category, check_rule(await read_json(request)))
    return web.Response(status=204)


@routes.delete("/v1/rules/{category}")
async def remove(request: web.Request) -> web.Response:
    """Remove a category's rule."""
    check_parameters(request)
    await request.app[RULES_SERVICE].remove(_category(request))
    return web.Response(status=204)


@routes.delete("/v1/rules")
async def remove_all(request: web.Request) -> web.Response:
    """Remove all rules."""
    check_parameters(request)
    await request.app[RULES_SERVICE].remove_all()
    return web.Response(status=204)


def _category(request: web.Request) -> str:
    category = path_name(request, "category")
    check_names(category=category)
    return category
