"""Processes that use one file at the same time. One is killed at each step of a put, or writes while others read."""

import asyncio
import multiprocessing
import sqlite3
import sys
from asyncio.subprocess import PIPE
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from notification.storage.embedded.context import mark_of
from notification.storage.embedded.store import EmbeddedStore
from notification.storage.store import Context
from tests.storage.dying_writer import VALUE


async def dies(path: Path, step: int) -> bool:
    """Run a put that is killed before a step. Return whether it has such a step."""
    module = "tests.storage.dying_writer"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, str(path), str(step), stderr=PIPE)
    _, errors = await process.communicate()
    assert process.returncode in (0, -9), errors.decode()
    return process.returncode != 0


def committed(path: Path) -> tuple[bytes, ...]:
    """Return the values that SQLite has."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT value FROM siblings WHERE key = 'key' ORDER BY dot").fetchall()
    return tuple(value for (value,) in rows)


def is_trusted(store: EmbeddedStore, context: Context) -> bool:
    """Whether the store answers a read without SQLite."""
    return store._sequence.is_current(*mark_of(context))


async def test_a_writer_that_is_killed_at_any_step_leaves_no_process_with_an_old_value(tmp_path: Path) -> None:
    path, step, outcomes = tmp_path / "feeds.db", 0, set()
    reader, writer = EmbeddedStore(path), EmbeddedStore(path)
    more = True
    while more:
        known = await renewed(writer)
        assert is_trusted(reader, known)
        more = await dies(path, step)
        fetched = await reader.fetch("bucket", "key", known)
        values = (b"known",) if fetched is None else fetched.values
        assert values == committed(path)
        outcomes.add(VALUE in values)
        step += 1
    assert outcomes == {False, True}
    assert step > 10
    await reader.close()
    await writer.close()


async def renewed(store: EmbeddedStore) -> Context:
    """Make the key hold one value, and return its context."""
    fetched = await store.fetch("bucket", "key")
    stored = await store.put("bucket", "key", b"known", fetched.context if fetched else None)
    assert stored.context is not None
    return stored.context


def _write_numbers(path: Path, told: Connection) -> None:
    async def write() -> None:
        store = EmbeddedStore(path)
        context = None
        for number in range(300):
            context = (await store.put("bucket", "key", b"%d" % number, context)).context
            told.send(number)
        await store.close()

    asyncio.run(write())


async def test_a_write_of_another_process_is_seen_by_the_next_read_after_its_reply(tmp_path: Path) -> None:
    path = tmp_path / "feeds.db"
    store, (hearing, told) = EmbeddedStore(path), multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_write_numbers, args=(path, told))
    process.start()
    context, value, acknowledged, proved = None, -1, -1, 0
    while acknowledged < 299:
        if hearing.poll():
            acknowledged = hearing.recv()
        fetched = await store.fetch("bucket", "key", context)
        proved += fetched is None
        if fetched is not None and fetched.values:
            context, value = fetched.context, int(fetched.values[0])
        assert value >= acknowledged
    process.join(60)
    assert process.exitcode == 0
    assert proved
    await store.close()
