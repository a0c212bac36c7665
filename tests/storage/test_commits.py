"""Group commit: one write can fail without the others, and the thread always ends when it has to stop."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from notification.domain.errors import NotStored, Outcome, StoreFull, StoreUnavailable
from notification.storage.embedded.commits import Committer, CommitUncertain
from notification.storage.embedded.store import EmbeddedStore
from tests.small_disk import small_disk

Insert = Callable[[sqlite3.Connection], None]


def insert(number: int) -> Insert:
    def write(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO numbers VALUES (?)", (number,))

    return write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "numbers.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE numbers (number UNIQUE)")
    connection.close()
    return path


def numbers(path: Path) -> list[int]:
    connection = sqlite3.connect(path)
    found = [number for (number,) in connection.execute("SELECT number FROM numbers ORDER BY number")]
    connection.close()
    return found


def connect(path: Path, timeout: float = 5.0) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)


async def test_closing_ends_although_the_batch_it_is_taken_with_fails(path: Path) -> None:
    elsewhere = connect(path)
    elsewhere.execute("BEGIN IMMEDIATE")
    committer = Committer(connect(path))
    writes = [asyncio.ensure_future(committer.commit(insert(number))) for number in (1, 1)]
    closing = asyncio.ensure_future(committer.close())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    elsewhere.execute("COMMIT")
    elsewhere.close()
    await asyncio.wait_for(closing, 10)
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), sqlite3.IntegrityError]


async def test_closing_ends_although_the_file_stays_locked(path: Path) -> None:
    elsewhere = connect(path)
    elsewhere.execute("BEGIN IMMEDIATE")
    committer = Committer(connect(path, timeout=0.1))
    writes = [asyncio.ensure_future(committer.commit(insert(number))) for number in range(3)]
    await asyncio.sleep(0)
    await asyncio.wait_for(committer.close(), 10)
    results = await asyncio.gather(*writes, return_exceptions=True)
    elsewhere.close()
    assert {type(result) for result in results} == {sqlite3.OperationalError}


async def test_writes_that_wait_for_a_lock_together_give_up_together(path: Path) -> None:
    elsewhere = connect(path)
    elsewhere.execute("BEGIN IMMEDIATE")
    connection = connect(path, timeout=0.1)
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    committer = Committer(connection)
    writes = (committer.commit(insert(number)) for number in range(100))
    results = await asyncio.gather(*writes, return_exceptions=True)
    await committer.close()
    elsewhere.close()
    assert {type(result) for result in results} == {sqlite3.OperationalError}
    assert statements.count("BEGIN IMMEDIATE") <= 3


async def test_a_write_that_fails_fails_alone(path: Path) -> None:
    elsewhere = connect(path)
    elsewhere.execute("BEGIN IMMEDIATE")
    committer = Committer(connect(path))
    writes = [asyncio.ensure_future(committer.commit(insert(number))) for number in (1, 2, 2, 3)]
    await asyncio.sleep(0)
    elsewhere.execute("COMMIT")
    elsewhere.close()
    results = await asyncio.gather(*writes, return_exceptions=True)
    await committer.close()
    assert [isinstance(result, sqlite3.IntegrityError) for result in results] == [False, False, True, False]
    assert numbers(path) == [1, 2, 3]


async def test_a_file_that_is_gone_before_a_commit_is_not_written_and_after_it_not_acknowledged(path: Path) -> None:
    looks: list[None] = []

    def gone_at_the_second_look() -> None:
        looks.append(None)
        if len(looks) != 1:
            raise FileNotFoundError("gone")

    committer = Committer(connect(path), gone_at_the_second_look)
    with pytest.raises(CommitUncertain, match="gone"):
        await committer.commit(insert(1))
    with pytest.raises(FileNotFoundError, match="gone"):
        await committer.commit(insert(2))
    await committer.close()
    assert numbers(path) == [1]


async def test_on_a_full_disk_nothing_is_kept_and_that_is_said(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        store = EmbeddedStore(disk.path / "feeds.db")
        await store.put("bucket", "kept", b"before", None)
        disk.fill()
        with pytest.raises(StoreFull, match="full") as raised:
            await store.put("bucket", "key", bytes(100_000), None)
        assert raised.value.outcome is Outcome.UNCHANGED
        assert await store.keys("bucket") == ["kept"]
        disk.empty()
        await store.put("bucket", "key", bytes(100_000), None)
        await store.close()


async def test_a_first_start_on_a_full_disk_leaves_a_file_that_a_later_start_uses(tmp_path: Path) -> None:
    for leave in range(0, 120_000, 4096):
        with small_disk(tmp_path / f"disk-{leave}") as disk:
            disk.fill(leave)
            with contextlib.suppress(StoreUnavailable):
                await EmbeddedStore(disk.path / "feeds.db", timeout=0.1).close()
            disk.empty()
            store = EmbeddedStore(disk.path / "feeds.db")
            await store.put("bucket", "key", b"value", None)
            await store.close()


async def test_a_locked_file_keeps_nothing_of_a_write_and_that_is_said(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db", timeout=0.05)
    elsewhere = connect(tmp_path / "feeds.db")
    elsewhere.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotStored, match="locked"):
        await store.put("bucket", "key", b"value", None)
    elsewhere.close()
    await store.close()
