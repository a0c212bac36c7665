"""Reads do not wait while another program has locked the file."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notification.services.cursors import READER_WAIT
from tests.http.conftest import Client
from tests.waiting import until


@contextmanager
def locked(path: Path) -> Iterator[None]:
    elsewhere = sqlite3.connect(path, isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    yield
    elsewhere.execute("ROLLBACK")
    elsewhere.close()


async def unseen(client: Client) -> int:
    reply = await client.call("GET", "/v1/notifications/test/count", 200)
    return int((await reply.json())["unseen"])


async def test_a_page_is_given_while_the_file_is_locked_and_the_cursor_moves_afterwards(
    client: Client, tmp_path: Path
) -> None:
    ids = [await client.post() for _ in range(3)]
    with locked(tmp_path / "feeds.db"):
        began = time.monotonic()
        for _ in range(20):
            assert await client.ids() == ids[::-1]
        assert time.monotonic() - began < 5 * READER_WAIT, "only the first reader waits"
        assert await unseen(client) == 3

    async def all_seen() -> bool:
        return await unseen(client) == 0

    await until(all_seen)


async def test_what_is_shown_while_a_move_waits_is_seen_too(client: Client, tmp_path: Path) -> None:
    await client.post()
    other = sqlite3.connect(tmp_path / "feeds.db", isolation_level=None)
    with locked(tmp_path / "feeds.db"):
        await client.page()
    await client.post()
    await client.page()
    assert await unseen(client) == 0
    other.close()


async def test_where_nothing_is_in_the_way_the_cursor_has_moved_when_the_page_arrives(client: Client) -> None:
    for _ in range(20):
        await client.post()
        await client.page()
        assert await unseen(client) == 0
