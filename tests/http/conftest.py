"""The whole application on a real socket and a real file, with a clock that tests can set."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import BaseTestServer, TestClient
from yarl import URL

from notification.runtime.app import open_application
from notification.runtime.config import Config, parse_config
from notification.runtime.server import make_runner
from notification.services.ids import IdGenerator

OpenClient = Callable[..., Awaitable["Client"]]


class Clock:
    """A clock in nanoseconds since 1970. Each call advances it by a nanosecond."""

    def __init__(self) -> None:
        self.now = 1_795_336_684_000_000_000

    def __call__(self) -> int:
        self.now += 1
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += int(seconds * 1_000_000_000)


class Server(BaseTestServer):
    """The application in the same runner as in production."""

    def __init__(self, application: web.Application, config: Config) -> None:
        super().__init__()
        self._application = application
        self._config = config

    async def _make_runner(self, **_: Any) -> web.AppRunner:
        return make_runner(self._application, self._config)


class Client:
    """Short forms of the requests that tests make."""

    def __init__(self, http: TestClient[Any, Any], application: web.Application) -> None:
        self.http = http
        self.application = application

    async def post(self, username: str = "test", category: str = "like", message: str = "hi", **fields: Any) -> str:
        """Create a notification and return its id."""
        body = {"category": category, "message": message, **fields}
        async with self.http.post(f"/v1/notifications/{username}", json=body) as reply:
            assert reply.status == 201, await reply.text()
            return str((await reply.json())["id"])

    async def page(self, wanted: str | None = None, username: str = "test") -> ClientResponse:
        """Send a GET with a `Range` and read the body."""
        headers = {"Range": wanted} if wanted else {}
        async with self.http.get(f"/v1/notifications/{username}", headers=headers) as reply:
            await reply.read()
            return reply

    async def items(self, wanted: str | None = None, username: str = "test") -> Any:
        """Return the items of a page."""
        return await (await self.page(wanted, username)).json()

    async def ids(self, wanted: str | None = None, username: str = "test") -> list[str]:
        """Return the ids of a page's items."""
        return [item["id"] for item in await self.items(wanted, username)]

    async def remove(self, *ids: str, username: str = "test") -> None:
        """Remove the notifications with these ids."""
        await self.call("DELETE", f"/v1/notifications/{username}", params={"ids": ",".join(ids)})

    async def call(self, method: str, path: str | URL, expect: int = 204, **options: Any) -> ClientResponse:
        """Send a request and read the body."""
        async with self.http.request(method, path, **options) as reply:
            await reply.read()
            assert reply.status == expect, await reply.text()
            return reply


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def open_client(tmp_path: Path, clock: Clock) -> AsyncIterator[OpenClient]:
    """Opens applications that share one file, as several processes would."""
    async with AsyncExitStack() as stack:

        async def open_(text: str = "", clock: Callable[[], int] = clock, path: Path = tmp_path / "feeds.db") -> Client:
            config: Config = parse_config(f"embedded: {{path: {path}}}\n{text}", {})
            application = await stack.enter_async_context(open_application(config, IdGenerator(clock)))
            http: TestClient[Any, Any] = await stack.enter_async_context(TestClient(Server(application, config)))
            return Client(http, application)

        yield open_


@pytest.fixture
async def client(open_client: OpenClient) -> Client:
    return await open_client()
