"""`/admin` and `/metrics`, for operators. They reveal internals and must not be public; see docs/how-to/operate.md."""

import os
import time
from collections.abc import Iterable
from typing import Final

import orjson
from aiohttp import web

from notification.http import html_pages, ping, serializers
from notification.http.frame import Frame
from notification.http.keys import FRAME
from notification.operations.activity import Activity, tasks, threads
from notification.operations.health import HealthCheck
from notification.operations.metrics import CONTENT_TYPE, Metrics
from notification.operations.metrics_json import snapshot

METRICS: Final = web.AppKey("metrics", Metrics)
HEALTH: Final = web.AppKey("health", HealthCheck)

routes = web.RouteTableDef()
routes.get("/admin/ping")(ping.ping)


def add_admin(application: web.Application, metrics: Metrics, health: HealthCheck) -> None:
    """Add the pages of this module to an application."""
    application[METRICS] = metrics
    application[HEALTH] = health
    ours = [*routes, web.get("/admin/", menu)]
    application.add_routes([_as_written(route) for route in ours if isinstance(route, web.RouteDef)])


def make_admin(metrics: Metrics, health: HealthCheck, *, log_requests: float) -> web.Application:
    """Return an application that serves only these pages, for a separate port."""
    application = web.Application()
    application[FRAME] = Frame(application, metrics, log_requests).around
    application.add_routes([*ping.routes, *html_pages.files])
    add_admin(application, metrics, health)
    return application


@routes.get("/admin")
async def menu(request: web.Request) -> web.Response:
    """Serve the page that shows health, metrics and activity."""
    return html_pages.page("admin/index.html")


@routes.get("/admin/healthcheck")
async def healthcheck(request: web.Request) -> web.Response:
    """Reply with a line for each part. The status is 200 if the store can do its work, otherwise 500."""
    well, parts = await request.app[HEALTH].check()
    lines = [b"%b:%b" % (orjson.dumps(name), orjson.dumps(_shown(problem))) for name, problem in parts.items()]
    body = b"{\n" + b",\n".join(lines) + b"\n}\n"
    return _fresh(web.Response(body=body, status=200 if well else 500, headers={"Content-Type": serializers.JSON}))


@routes.get("/admin/metrics")
async def metrics_as_json(request: web.Request) -> web.Response:
    """Reply with all metrics as JSON."""
    return _fresh(serializers.json_response(snapshot(request.app[METRICS].families(), time.time())))


@routes.get("/metrics")
async def metrics_as_text(request: web.Request) -> web.Response:
    """Reply with all metrics in Prometheus's format."""
    return _fresh(web.Response(body=request.app[METRICS].text(), headers={"Content-Type": CONTENT_TYPE}))


@routes.get("/admin/threads")
async def activity(request: web.Request) -> web.Response:
    """Reply with the tasks and threads of this process and their positions in the code."""
    text = f"process {os.getpid()}\n\n{_listed('tasks', tasks())}\n{_listed('threads', threads())}"
    return _fresh(web.Response(text=text))


def _as_written(route: web.RouteDef) -> web.RouteDef:
    """Serve the path only in this spelling, because a gateway that blocks `/admin` might not block `/%61dmin`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.raw_path.partition("?")[0] != route.path:
            raise web.HTTPNotFound
        response: web.StreamResponse = await route.handler(request)
        return response

    return web.RouteDef(route.method, route.path, handle, route.kwargs)


def _shown(problem: str | None) -> dict[str, object]:
    return {"healthy": True} if problem is None else {"healthy": False, "message": problem}


def _listed(title: str, activities: Iterable[Activity]) -> str:
    lines = [line for name, places in activities for line in (name, *(f"    {place}" for place in places))]
    return "\n".join([f"# {title}", *lines, ""])


def _fresh(response: web.Response) -> web.Response:
    response.headers["Cache-Control"] = "no-store"
    return response
