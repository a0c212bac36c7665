"""The limit for HTTP: aiohttp handlers that only return the same bytes as the service."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

CREATED = (
    b'{"id":"3MT5MJbuNd1un5xeXUxcrrLP1RM","category":"like","message":"Ada liked your post",'
    b'"created_at":"2026-11-22T15:34:27.314Z","properties":{"post":"42"}}'
)
JSON = {"Content-Type": "application/json;charset=UTF-8"}


async def serve(port: int, bodies: Mapping[str, bytes]) -> None:
    """Serve until the process ends. GET returns the user's body or 304; POST reads its body and returns 201."""

    async def get(request: web.Request) -> web.Response:
        if "If-None-Match" in request.headers:
            return web.Response(status=304)
        return web.Response(body=bodies[request.match_info["username"]], headers=JSON)

    async def post(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=CREATED, status=201, headers=JSON)

    application = web.Application()
    application.router.add_get("/v1/notifications/{username}", get)
    application.router.add_post("/v1/notifications/{username}", post)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1]), {file.name: file.read_bytes() for file in Path(sys.argv[2]).iterdir()}))
