"""The table in shared memory: when a read asks SQLite, who makes the file, and what happens if the file is lost."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from notification.domain.errors import StoreUnavailable
from notification.storage.embedded.database import APPLICATION_ID, TABLES
from notification.storage.embedded.sequence import slot_of
from notification.storage.embedded.store import MAX_PROVED, EmbeddedStore
from notification.storage.observer import StorageObserver
from notification.storage.store import Context

VERSION_1 = (*TABLES, "PRAGMA user_version = 1", f"PRAGMA application_id = {APPLICATION_ID}")
NOBODY = 65534
INSERT = "INSERT INTO siblings (bucket, key, value) VALUES ('bucket', 'key', x'00')"


class Reads(StorageObserver):
    """Counts the reads from SQLite."""

    number = 0

    def store_call(self, node: str, operation: str, outcome: str, seconds: float) -> None:
        self.number += operation == "get"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feeds.db"


@pytest.fixture
def reads() -> Reads:
    return Reads()


@pytest.fixture
async def store(path: Path, reads: Reads) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(path, observer=reads)
    yield store
    await store.close()


def table(path: Path) -> Path:
    return path.with_name(f"{path.name}-seq")


async def put(store: EmbeddedStore, key: str = "key", context: Context | None = None) -> Context:
    stored = await store.put("bucket", key, b"value", context)
    assert stored.context is not None
    return stored.context


async def test_an_unchanged_key_is_not_read_again(store: EmbeddedStore, reads: Reads) -> None:
    context = await put(store)
    assert await store.fetch("bucket", "key", context) is None
    assert reads.number == 0
    fetched = await store.fetch("bucket", "key")
    assert fetched is not None
    assert await store.fetch("bucket", "key", fetched.context) is None
    assert reads.number == 1


async def test_the_write_of_a_key_with_the_same_slot_costs_one_read(store: EmbeddedStore, reads: Reads) -> None:
    context = await put(store)
    other = next(key for key in map(str, count()) if slot_of("bucket", key) == slot_of("bucket", "key"))
    for _ in range(3):
        await store.put("bucket", other, b"", None)
        before = reads.number
        assert [await store.fetch("bucket", "key", context) for _ in range(3)] == [None] * 3
        assert reads.number == before + 1


async def test_two_absent_keys_with_the_same_slot_are_not_confused(path: Path) -> None:
    store, elsewhere = EmbeddedStore(path), EmbeddedStore(path)
    other = next(key for key in map(str, count()) if slot_of("bucket", key) == slot_of("bucket", "key"))
    absent = [await store.fetch("bucket", key) for key in ("key", other)]
    assert absent[0] is not None
    assert absent == [((), absent[0].context)] * 2, "one context for both"
    await put(elsewhere, other)
    assert await store.fetch("bucket", "key", absent[0].context) is None
    fetched = await store.fetch("bucket", other, absent[0].context)
    assert fetched is not None
    assert fetched.values == (b"value",)
    await store.close()
    await elsewhere.close()


async def test_what_is_remembered_of_such_keys_is_bounded(store: EmbeddedStore) -> None:
    contexts = {str(number): await put(store, str(number)) for number in range(3)}
    for number in range(MAX_PROVED):
        store._prove("bucket", str(number), b"", number)
    for key, context in contexts.items():
        store._prove("bucket", key, context, 0)
        assert await store.fetch("bucket", key, context) is None
    assert len(store._proved) <= MAX_PROVED


async def test_of_two_writes_of_a_key_in_one_transaction_the_first_is_not_trusted(path: Path) -> None:
    store, elsewhere = EmbeddedStore(path), sqlite3.connect(path, isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    puts = [asyncio.ensure_future(store.put("bucket", "key", value, None)) for value in (b"one", b"two")]
    await asyncio.sleep(0)
    elsewhere.execute("COMMIT")
    elsewhere.close()
    first, _ = await asyncio.gather(*puts)
    fetched = await store.fetch("bucket", "key", first.context)
    assert fetched is not None
    assert fetched.values == (b"one", b"two")
    await store.close()


@pytest.mark.parametrize("if_unchanged", [False, True])
async def test_of_two_puts_with_one_context_in_one_transaction_only_the_first_knows_the_siblings(
    path: Path, if_unchanged: bool
) -> None:
    store, elsewhere = EmbeddedStore(path), sqlite3.connect(path, isolation_level=None)
    known = await put(store)
    elsewhere.execute("BEGIN IMMEDIATE")
    options = {"as_sibling": True, "if_unchanged": if_unchanged}
    puts = [asyncio.ensure_future(store.put("bucket", "key", value, known, **options)) for value in (b"one", b"two")]
    await asyncio.sleep(0)
    elsewhere.execute("COMMIT")
    elsewhere.close()
    first, second = await asyncio.gather(*puts)
    assert first.context is not None
    assert second == (None, 2 if if_unchanged else 3)
    await store.close()


@pytest.mark.parametrize("as_sibling", [False, True])
async def test_a_put_from_what_is_proved_to_be_stored_needs_no_query(store: EmbeddedStore, as_sibling: bool) -> None:
    known, statements = await put(store), list[str]()
    store._committer._connection.set_trace_callback(statements.append)
    stored = await store.put("bucket", "key", b"new", known, as_sibling=as_sibling)
    kinds = list(dict.fromkeys(statement.split()[0] for statement in statements))  # triggers repeat some
    assert kinds == ["BEGIN", *(["DELETE"] if not as_sibling else []), "INSERT", "COMMIT"]
    fetched = await store.fetch("bucket", "key")
    assert fetched is not None
    assert stored == (fetched.context, len(fetched.values))


async def test_a_key_is_read_while_a_transaction_that_changed_it_may_be_under_way(
    store: EmbeddedStore, reads: Reads
) -> None:
    context = await put(store)
    writer = store._committer._connection
    writer.execute("BEGIN IMMEDIATE")
    assert store._sequence._words is not None
    slot = slot_of("bucket", "key")
    store._sequence._words[slot] += 1
    writer.execute("ROLLBACK")
    assert [await store.fetch("bucket", "key", context) for _ in range(3)] == [None] * 3
    assert reads.number == 3, "as after a crash"
    await put(store, "any other")
    assert [await store.fetch("bucket", "key", context) for _ in range(3)] == [None] * 3
    assert reads.number == 4


async def test_the_first_process_makes_the_table_anew_and_the_others_share_it(path: Path) -> None:
    one, other = EmbeddedStore(path), EmbeddedStore(path)
    assert one._sequence.look(100) == other._sequence.look(100)
    before = table(path).read_bytes()
    await one.close()
    third = EmbeddedStore(path)
    assert table(path).read_bytes() == before
    context = await put(third)
    assert other._sequence.look(slot_of("bucket", "key")) == third._sequence.look(slot_of("bucket", "key"))
    await other.close()
    await third.close()
    again = EmbeddedStore(path)
    assert table(path).read_bytes()[16:] != before[16:]
    assert await again.fetch("bucket", "key", context) is None, "a context outlives its mark"
    await again.close()


@pytest.mark.parametrize("content", [b"", b"no table" * 1000, b"no table" * 100_000])
async def test_a_file_that_is_no_complete_table_is_replaced(path: Path, content: bytes) -> None:
    table(path).write_bytes(content)
    store = EmbeddedStore(path)
    context = await put(store)
    assert await store.fetch("bucket", "key", context) is None
    await store.close()


def test_the_table_has_the_permissions_of_the_database(path: Path) -> None:
    sqlite3.connect(path).close()
    path.chmod(0o660)
    asyncio.run(EmbeddedStore(path).close())
    assert table(path).stat().st_mode & 0o777 == 0o660


@contextmanager
def without_privileges(*owned: Path) -> Iterator[None]:
    """Act as an ordinary user, who gets the files `owned`. Changes nothing if the tests don't run as root."""
    if os.geteuid() != 0:
        yield
        return
    for file in owned:
        os.chown(file, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_a_table_that_another_user_left_is_replaced() -> None:
    with TemporaryDirectory(dir="/tmp") as folder:  # others may not enter the configured folder
        path = Path(folder) / "feeds.db"
        await EmbeddedStore(path).close()
        table(path).chmod(0)
        with without_privileges(path.parent, path):
            store = EmbeddedStore(path)
            context = await put(store)
            assert await store.fetch("bucket", "key", context) is None
            await store.close()


def lose(file: Path) -> None:
    file.unlink()


def copy_over(file: Path) -> None:
    shutil.copy(file, file.with_suffix(".copy"))
    file.with_suffix(".copy").replace(file)


@pytest.mark.parametrize("harm", [lose, copy_over])
async def test_no_process_begins_beside_others_whose_table_it_can_not_share(
    store: EmbeddedStore, path: Path, harm: Callable[[Path], None]
) -> None:
    context = await put(store)
    harm(table(path))
    with pytest.raises(StoreUnavailable, match=r"-seq was deleted or replaced while other processes use it; restart"):
        EmbeddedStore(path, timeout=0.05)
    context = await put(store, "key", context)
    assert await store.fetch("bucket", "key", context) is None
    await store.close()
    await EmbeddedStore(path, timeout=0.05).close()


async def test_a_link_to_the_database_leads_to_the_same_table(store: EmbeddedStore, path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link.db").symlink_to(path)
    other = EmbeddedStore(tmp_path / "elsewhere" / "link.db")
    context = await put(store)
    await other.put("bucket", "key", b"other", context)
    fetched = await store.fetch("bucket", "key", context)
    assert fetched is not None
    assert fetched.values == (b"other",)
    await other.close()


async def test_an_earlier_version_that_has_the_file_open_can_read_it_and_no_longer_write(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as earlier:
        for statement in (*VERSION_1, "PRAGMA journal_mode = WAL", INSERT):
            earlier.execute(statement)
        store = EmbeddedStore(path)
        assert await store.keys("bucket") == ["key"]
        for statement in (INSERT, "DELETE FROM siblings", "UPDATE siblings SET value = x'01'"):
            with pytest.raises(sqlite3.OperationalError, match="no such function: notification_announces_this_write"):
                earlier.execute(statement)
        fetched = await store.fetch("bucket", "key")
        assert fetched is not None
        await put(store, "key", fetched.context)
        assert earlier.execute("SELECT value FROM siblings").fetchall() == [(b"value",)]
        assert earlier.execute("PRAGMA user_version").fetchone() == (2,), "an earlier version that starts refuses it"
        await store.close()


def test_a_closed_store_releases_every_file(path: Path) -> None:
    asyncio.run(closed_and_asked(path))
    held = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert [name for name in held if name.startswith(str(path))] == []
    assert str(path) not in Path("/proc/self/maps").read_text(encoding="utf-8")


async def closed_and_asked(path: Path) -> None:
    store = EmbeddedStore(path)
    context = await put(store)
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.fetch("bucket", "key", context)
