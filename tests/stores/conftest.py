"""Every store that there is; the contract's tests run on each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from notification.stores.embedded import EmbeddedStore
from notification.stores.interface import Store


@pytest.fixture(params=["embedded"])
async def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[[], Awaitable[Store]]]:
    """Opens the same store again and again, as several processes would."""
    opened: list[Store] = []

    async def open_() -> Store:
        opened.append(EmbeddedStore(tmp_path / "feeds.db"))
        return opened[-1]

    yield open_
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: Callable[[], Awaitable[Store]]) -> Store:
    return await open_store()
