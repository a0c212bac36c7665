"""What only the embedded store does: files, transactions, and several processes."""

import asyncio
import multiprocessing
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notification.domain.errors import StoreMisconfigured, StoreUnavailable
from notification.storage.embedded.store import EmbeddedStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "feeds.db"


@pytest.fixture
def elsewhere(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the same file."""
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


async def test_values_are_there_after_the_store_was_closed_and_opened(path: Path) -> None:
    store = EmbeddedStore(path)
    await store.put("bucket", "key", b"value", None)
    await store.close()
    again = EmbeddedStore(path)
    fetched = await again.fetch("bucket", "key")
    await again.close()
    assert fetched is not None
    assert fetched.values == (b"value",)


async def test_a_put_that_returned_is_committed(path: Path, elsewhere: sqlite3.Connection) -> None:
    store = EmbeddedStore(path)
    await store.put("bucket", "key", b"value", None)
    assert elsewhere.execute("SELECT value FROM siblings").fetchall() == [(b"value",)]
    await store.close()


async def test_commits_reach_the_disk_before_they_are_told(path: Path) -> None:
    store = EmbeddedStore(path)
    pragma = await store._committer.commit(lambda writer: writer.execute("PRAGMA synchronous").fetchone())
    assert pragma == (2,), "FULL: the write-ahead log is synced at each commit"
    await store.close()


async def test_puts_that_wait_together_are_committed_together(path: Path, elsewhere: sqlite3.Connection) -> None:
    store = EmbeddedStore(path)
    statements: list[str] = []
    store._committer._connection.set_trace_callback(statements.append)
    elsewhere.execute("BEGIN IMMEDIATE")
    puts = [asyncio.ensure_future(store.put("bucket", f"key-{n}", b"", None)) for n in range(100)]
    await asyncio.sleep(0)
    elsewhere.execute("COMMIT")
    await asyncio.gather(*puts)
    assert len(await store.keys("bucket")) == 100
    assert statements.count("COMMIT") == 1
    await store.close()


async def test_a_file_locked_for_too_long_is_unavailable_and_then_works_again(
    path: Path, elsewhere: sqlite3.Connection
) -> None:
    store = EmbeddedStore(path, timeout=0.05)
    elsewhere.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await store.put("bucket", "key", b"value", None)
    assert "locked" in str((await store.health())[str(path)])
    elsewhere.execute("COMMIT")
    assert (await store.put("bucket", "key", b"value", None)).siblings == 1
    await store.close()


async def test_a_put_whose_caller_gave_up_disturbs_nobody(path: Path, elsewhere: sqlite3.Connection) -> None:
    store = EmbeddedStore(path)
    elsewhere.execute("BEGIN IMMEDIATE")
    abandoned = asyncio.ensure_future(store.put("bucket", "key", b"a", None))
    kept = asyncio.ensure_future(store.put("bucket", "other", b"b", None))
    await asyncio.sleep(0)
    abandoned.cancel()
    elsewhere.execute("COMMIT")
    assert (await kept).siblings == 1
    await store.close()


async def test_of_two_puts_that_have_to_be_alone_the_second_is_refused(path: Path) -> None:
    one, other = EmbeddedStore(path), EmbeddedStore(path)
    first = await one.put("bucket", "key", b"first", None, if_unchanged=True)
    assert await other.put("bucket", "key", b"second", None, if_unchanged=True) == (None, 1)
    assert (await other.put("bucket", "key", b"third", first.context, if_unchanged=True)).context is not None
    fetched = await one.fetch("bucket", "key")
    assert fetched is not None
    assert fetched.values == (b"third",)
    await one.close()
    await other.close()


async def test_a_closed_store_refuses_writes(path: Path) -> None:
    store = EmbeddedStore(path)
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.put("bucket", "key", b"", None)


async def test_closing_commits_what_waits(path: Path, elsewhere: sqlite3.Connection) -> None:
    store = EmbeddedStore(path)
    puts = [asyncio.ensure_future(store.put("bucket", f"key-{n}", b"", None)) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*puts)
    assert elsewhere.execute("SELECT count(*) FROM siblings").fetchone() == (20,)


async def test_more_writes_than_one_transaction_takes_are_all_made(path: Path) -> None:
    store = EmbeddedStore(path)
    await asyncio.gather(*(store.put("bucket", f"key-{n}", b"", None) for n in range(1200)))
    assert len(await store.keys("bucket")) == 1200
    await store.close()


async def test_a_file_of_another_program_is_left_alone(path: Path, elsewhere: sqlite3.Connection) -> None:
    elsewhere.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreMisconfigured, match="another program"):
        EmbeddedStore(path)


async def test_a_file_of_a_later_version_is_left_alone(path: Path, elsewhere: sqlite3.Connection) -> None:
    elsewhere.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreMisconfigured, match="99"):
        EmbeddedStore(path)


def test_a_file_that_is_no_database_is_unavailable(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database, but long enough to look like something" * 50)
    with pytest.raises(StoreUnavailable, match="can't be opened"):
        EmbeddedStore(path)


async def test_a_file_that_was_damaged_while_open_is_unavailable(path: Path, elsewhere: sqlite3.Connection) -> None:
    store = EmbeddedStore(path)
    elsewhere.execute("DROP TABLE siblings")
    with pytest.raises(StoreUnavailable):
        await store.fetch("bucket", "key")
    with pytest.raises(StoreUnavailable):
        await store.keys("bucket")
    await store.close()


def _write_fifty(path: Path, process: int) -> None:
    async def write() -> None:
        store = EmbeddedStore(path, timeout=30)
        for number in range(50):
            await store.put("bucket", "shared", b"%d-%d" % (process, number), None)
        await store.close()

    asyncio.run(write())


def test_processes_that_start_together_on_a_new_file_all_write_to_it(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_write_fifty, args=(path, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(DISTINCT value) FROM siblings").fetchone() == (200,)
    connection.close()


@pytest.mark.parametrize("content", [b"no database, but long enough to look like one" * 50, None])
def test_a_file_that_is_refused_is_closed(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "feeds.db"
    if content is None:
        with closing(sqlite3.connect(path)) as foreign:
            foreign.execute("CREATE TABLE strangers (name TEXT)")
    else:
        path.write_bytes(content)
    with pytest.raises((StoreUnavailable, StoreMisconfigured)) as refused:
        EmbeddedStore(path)
    held = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert str(path) not in held
    assert refused.value
