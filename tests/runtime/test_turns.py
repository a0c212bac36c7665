"""Each handler begins in a separate turn of the event loop, on every version of Python."""

import asyncio
import socket
import traceback

from aiohttp import web

from notification.http.keys import FRAME
from notification.runtime.config import Config
from notification.runtime.server import Site, make_runner


async def test_a_handler_does_not_run_within_the_call_that_finds_its_request() -> None:
    callers: set[str] = set()

    async def handle(_request: web.Request) -> web.Response:
        callers.update(frame.name for frame in traceback.extract_stack())
        return web.Response()

    application = web.Application()
    application[FRAME] = lambda router: router
    application.router.add_get("/", handle)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        site = Site(application, [listening], Config(), bound=1)
        await site.start()
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        writer.close()
        await site.stop()
    assert "handle" in callers
    assert "start" not in callers


async def test_a_connection_is_busy_from_its_request_to_the_reply() -> None:
    replied = False

    async def handle(_request: web.Request) -> web.Response:
        nonlocal replied
        replied = True
        return web.Response()

    application = web.Application()
    application[FRAME] = lambda router: router
    application.router.add_get("/", handle)
    runner = make_runner(application, Config())
    await runner.setup()
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours:
        _, connection = await asyncio.get_running_loop().create_connection(runner.gate, sock=theirs)
        ours.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        seen = []
        while not replied:
            seen.append(connection.busy)
            await asyncio.sleep(0)
        assert all(seen[seen.index(True) :]), "a service that stops would close the connection between these turns"
    await runner.cleanup()
    assert not connection.busy
