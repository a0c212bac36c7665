"""Handlers of `/ping` and `/version`."""

from importlib.metadata import version

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/ping")
async def ping(request: web.Request) -> web.Response:
    """Show that the process replies. This does not check the store."""
    return web.Response(text="pong", headers={"Cache-Control": "no-store"})


@routes.get("/version")
async def show_version(request: web.Request) -> web.Response:
    """Return the version of this service."""
    return web.Response(text=version("notification-feed"))
