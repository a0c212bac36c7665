"""The application over a real socket and a real file, for those who talk to it from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from notification.app import open_application
from notification.config import parse_config
from notification.ids import Mint
from tests.http.conftest import Clock, Server


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[str]:
    """Its address, until the block ends."""
    config = parse_config(f"embedded: {{path: {folder}/feeds.db}}\nlogging: {{requests: false}}", {})
    async with open_application(config, Mint(Clock())) as application, Server(application, config) as server:
        yield str(server.make_url("")).rstrip("/")
