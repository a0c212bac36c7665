"""The command line, run in a thread of its own as if it were a process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import structlog

from notification.cli import main
from notification.client import NotificationClient
from tests.client.running import running


class Done(NamedTuple):
    """What a command has left: its exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Awaitable[Done]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs a command."""

    async def run_(*arguments: object) -> Done:
        code = await asyncio.to_thread(main, [str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    yield run_
    structlog.reset_defaults()


@pytest.fixture
async def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A running service, which the environment names."""
    async with running(tmp_path) as url:
        monkeypatch.setenv("NOTIFICATION_URL", url)
        yield url


@pytest.fixture
async def client(url: str) -> AsyncIterator[NotificationClient]:
    async with NotificationClient(url) as client:
        yield client
