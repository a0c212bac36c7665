"""The client in front of the real application, and of servers that do what tests tell them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from notification.client import NotificationClient, Retries
from tests.client.flaky_proxy import FlakyProxy
from tests.client.running import running
from tests.client.scripted_server import Script, ScriptedServer

HASTY = Retries(deadline=20, first=0.001, longest=0.01)

OpenFlaky = Callable[[int], Awaitable[FlakyProxy]]
Serve = Callable[..., Awaitable[ScriptedServer]]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def url(stack: AsyncExitStack, tmp_path: Path) -> str:
    """Where the application listens."""
    return await stack.enter_async_context(running(tmp_path))


@pytest.fixture
async def client(stack: AsyncExitStack, url: str) -> NotificationClient:
    return await stack.enter_async_context(NotificationClient(url, retries=HASTY))


@pytest.fixture
async def open_flaky(stack: AsyncExitStack, url: str) -> OpenFlaky:
    """Opens a proxy to the application that fails every third request, from a seed."""

    async def open_(seed: int) -> FlakyProxy:
        return await stack.enter_async_context(FlakyProxy(url, seed))

    return open_


@pytest.fixture
async def serve(stack: AsyncExitStack) -> Serve:
    """Starts a server that answers requests with these, one after the other."""

    async def serve_(*script: Script) -> ScriptedServer:
        return await stack.enter_async_context(ScriptedServer(script))

    return serve_
