"""The application over a real socket and a real file, for those who talk to it from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from notification.runtime.app import open_application
from notification.runtime.config import parse_config
from notification.services.ids import IdGenerator
from tests.http.conftest import Clock, Server


@asynccontextmanager
async def running(folder: Path, id_generator: IdGenerator | None = None, text: str = "") -> AsyncIterator[str]:
    """Its address, until the block ends. Its clock is a clock of the tests, unless `id_generator` has another.

    `text`: more of the configuration.
    """
    config = parse_config(f"embedded: {{path: {folder}/feeds.db}}\nlogging: {{requests: false}}\n{text}", {})
    async with (
        open_application(config, id_generator or IdGenerator(Clock())) as application,
        Server(application, config) as server,
    ):
        yield str(server.make_url("")).rstrip("/")
