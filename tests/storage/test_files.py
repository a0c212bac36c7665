"""Whose file it is, and whether it still exists: marks, other programs' files, and deleted or replaced files."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from notification.domain.errors import CorruptValue, NotStored, StoreMisconfigured
from notification.storage.embedded.database import APPLICATION_ID, SCHEMA, TABLES, is_new
from notification.storage.embedded.store import EmbeddedStore
from tests.storage.damage import damage_table

OLD_SCHEMA = (*TABLES, "PRAGMA user_version = 1")
"""A file as the first version made it, without the mark."""


def make(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def mark_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    connection.close()
    return int(mark)


async def test_a_new_file_is_marked_as_ours(tmp_path: Path) -> None:
    await EmbeddedStore(tmp_path / "feeds.db").close()
    assert mark_of(tmp_path / "feeds.db") == APPLICATION_ID


async def test_a_file_is_new_until_it_has_its_schema(tmp_path: Path) -> None:
    file = tmp_path / "feeds.db"
    assert is_new(file)
    assert not file.exists()
    make(file, "PRAGMA journal_mode = WAL")
    assert is_new(file)
    await EmbeddedStore(file).close()
    assert not is_new(file)
    file.write_bytes(b"no database at all" * 1000)
    assert not is_new(file)


async def test_a_file_of_the_version_before_is_marked_and_its_values_kept(tmp_path: Path) -> None:
    insert = "INSERT INTO siblings (bucket, key, value) VALUES ('bucket', 'key', x'00')"
    make(tmp_path / "feeds.db", *OLD_SCHEMA, insert)
    store = EmbeddedStore(tmp_path / "feeds.db")
    assert await store.keys("bucket") == ["key"]
    await store.close()
    assert mark_of(tmp_path / "feeds.db") == APPLICATION_ID


@pytest.mark.parametrize("statements", [OLD_SCHEMA[:1], OLD_SCHEMA[:2]])
async def test_half_a_schema_of_the_version_before_is_finished(tmp_path: Path, statements: tuple[str, ...]) -> None:
    make(tmp_path / "feeds.db", *statements)
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("bucket", "key", b"", None)
    await store.close()
    assert mark_of(tmp_path / "feeds.db") == APPLICATION_ID


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE theirs (x)", "PRAGMA user_version = 1"),
        ("PRAGMA user_version = 1",),
        ("PRAGMA application_id = 7", *OLD_SCHEMA),
        (*OLD_SCHEMA, "CREATE TABLE theirs (x)"),
        ("CREATE TABLE siblings (x)",),
    ],
)
def test_a_file_of_another_program_is_refused_and_not_changed(tmp_path: Path, statements: tuple[str, ...]) -> None:
    make(tmp_path / "feeds.db", *statements)
    before = (tmp_path / "feeds.db").read_bytes()
    with pytest.raises(StoreMisconfigured, match="of another program"):
        EmbeddedStore(tmp_path / "feeds.db")
    assert (tmp_path / "feeds.db").read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "feeds.db"]


def test_a_file_of_ours_with_a_later_schema_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "feeds.db", *SCHEMA, "PRAGMA user_version = 3")
    with pytest.raises(StoreMisconfigured, match="schema 3, this program knows 2"):
        EmbeddedStore(tmp_path / "feeds.db")


@pytest.mark.parametrize("name", ["feeds.db", "feeds.db-wal"])
async def test_nothing_is_written_into_a_file_that_was_deleted(tmp_path: Path, name: str) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("bucket", "key", b"", None)
    (tmp_path / name).unlink()
    with pytest.raises(NotStored, match=r"was deleted while it was open; restart"):
        await store.put("bucket", "other", b"", None)
    assert "deleted" in str((await store.health())[str(tmp_path / "feeds.db")])
    assert await store.keys("bucket") == ["key"], "reading goes on"
    await store.close()


async def test_nothing_is_written_once_another_file_is_in_its_place(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db")
    await store.put("bucket", "key", b"", None)
    shutil.copy(tmp_path / "feeds.db", tmp_path / "copy.db")
    (tmp_path / "copy.db").replace(tmp_path / "feeds.db")
    with pytest.raises(NotStored, match=r"was replaced while it was open; restart"):
        await store.put("bucket", "other", b"", None)
    await store.close()


async def test_a_damaged_page_costs_the_keys_on_it_and_no_other(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "feeds.db")
    keys = [f"key-{number}" for number in range(40)]
    for key in keys:
        await store.put("bucket", key, bytes(900), None)
    await store.close()
    damage_table(tmp_path / "feeds.db", at_dot=20)
    store = EmbeddedStore(tmp_path / "feeds.db")
    lost = {key for key in keys if await damaged(store, key)}
    assert "key-19" in lost
    assert len(lost) < 6
    assert await store.keys("bucket") == sorted(keys)
    await store.put("bucket", "new", b"", None)
    await store.close()


async def damaged(store: EmbeddedStore, key: str) -> bool:
    try:
        await store.fetch("bucket", key)
    except CorruptValue as error:
        return str(error).startswith(f"the value of bucket/{key} can't be read: database disk image is malformed")
    return False
