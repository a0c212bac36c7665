"""Opening the embedded store's SQLite file."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from notification.domain.errors import StoreMisconfigured
from notification.storage.embedded.failures import code_of

APPLICATION_ID: Final = int.from_bytes(b"Ntfn")
"""Marks a file as ours, in SQLite's header."""
SCHEMA_VERSION: Final = 1
SCHEMA: Final = (
    # The rows keep to a table of their own number, not to (bucket, key): blobs in the key's own tree make every
    # look-up of a dot walk past them.
    """CREATE TABLE siblings (
        dot INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        value BLOB NOT NULL
    )""",
    "CREATE INDEX siblings_by_key ON siblings (bucket, key)",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
    f"PRAGMA application_id = {APPLICATION_ID}",
)


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection that waits `timeout` seconds for other writers, and whose commits reach the disk.

    Transactions are the caller's: none is begun by itself. Raises `StoreMisconfigured` as `is_ours` does.
    """
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        if not is_unfinished(connection):
            is_ours(connection)  # before anything is changed in a file of another program
        _use_wal(connection, time.monotonic() + timeout)
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def open_existing(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection to a file that is there; none is made."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", timeout=timeout, isolation_level=None, uri=True)


def is_new(path: Path) -> bool:
    """Whether `prepare` would make the schema in this file, or the file itself."""
    if not path.exists():
        return True
    try:
        with closing(open_existing(path, timeout=1.0)) as connection:
            return is_unfinished(connection)
    except sqlite3.Error:
        return False  # whoever opens it reports what is wrong with it


def prepare(connection: sqlite3.Connection) -> None:
    """Make the schema where the file is new: whole, or not at all.

    A file that an earlier version of this program made is marked as ours. Raises `StoreMisconfigured` where the file is
    another program's, or a later version's.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if is_unfinished(connection):
            for statement in sorted(set(SCHEMA) - _schema(connection), key=SCHEMA.index):
                connection.execute(statement)
        elif not is_ours(connection):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def is_unfinished(connection: sqlite3.Connection) -> bool:
    """Whether the file is empty, or has a part of our schema, as an earlier version left it on a full disk."""
    return _marks(connection) == (0, 0) and _schema(connection) <= set(SCHEMA)


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether the file is marked as ours; not so where an earlier version of this program made it.

    Raises `StoreMisconfigured` where it is another program's, or a later version's.
    """
    application, version = _marks(connection)
    if application == APPLICATION_ID and version <= SCHEMA_VERSION:
        return True
    if application == APPLICATION_ID:
        raise StoreMisconfigured(f"the file has schema {version}, this program knows {SCHEMA_VERSION}")
    if (application, version) == (0, SCHEMA_VERSION) and _schema(connection) == set(SCHEMA[:2]):
        return False
    raise StoreMisconfigured(
        f"the file is an SQLite database of another program (application_id {application}, user_version {version})"
    )


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version


def _schema(connection: sqlite3.Connection) -> set[str]:
    """The statements that made what there is, SQLite's own tables left out."""
    query = "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    return {sql for (sql,) in connection.execute(query)}


def _use_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """SQLite does not wait its timeout for this one change, so processes that start together take turns here."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if time.monotonic() > deadline or code_of(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            time.sleep(0.01)
        else:
            return
