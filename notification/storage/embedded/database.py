"""Opens the SQLite file of the embedded store and creates its schema."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from notification.domain.errors import StoreMisconfigured
from notification.storage.embedded.failures import code_of

APPLICATION_ID: Final = int.from_bytes(b"Ntfn")
"""Marks a file in SQLite's header as one of this program."""
SCHEMA_VERSION: Final = 2
ANNOUNCES: Final = "notification_announces_this_write"
"""An SQL function that only the connections of this program have, from schema 2 on."""
TABLES: Final = (
    # The table's tree is ordered by dot and not by (bucket, key): with blobs in the tree of the keys, each look-up of a
    # dot would read past them.
    """CREATE TABLE siblings (
        dot INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        value BLOB NOT NULL
    )""",
    "CREATE INDEX siblings_by_key ON siblings (bucket, key)",
)
"""The schema of version 1."""
GUARDS: Final = tuple(
    f"CREATE TRIGGER only_announced_{event}s BEFORE {event} ON siblings "
    f"WHEN {row}.bucket IS NULL AND {ANNOUNCES}() BEGIN SELECT 1; END"
    for event, row in (("insert", "new"), ("update", "new"), ("delete", "old"))
)
"""Make SQLite refuse the writes of programs without the function, which do not announce them in `sequence`: an earlier
version of this program that has the file open, or SQLite's shell. Their condition is never true."""
SCHEMA: Final = (
    *TABLES,
    *GUARDS,
    f"PRAGMA user_version = {SCHEMA_VERSION}",
    f"PRAGMA application_id = {APPLICATION_ID}",
)


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """Return a connection that waits `timeout` seconds for other writers and whose commits reach the disk.

    The caller begins and ends transactions. Raises `StoreMisconfigured` if the file belongs to another program or
    a later version.
    """
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        if not is_unfinished(connection):
            is_ours(connection)  # raises before a file of another program is changed
        _use_wal(connection, time.monotonic() + timeout)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = ON")  # lets the triggers name the function
        connection.create_function(ANNOUNCES, 0, lambda: True)
    except BaseException:
        connection.close()
        raise
    return connection


def open_existing(path: Path, timeout: float) -> sqlite3.Connection:
    """Return a connection to an existing file; never create one."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", timeout=timeout, isolation_level=None, uri=True)


def is_new(path: Path) -> bool:
    """Whether the file is missing or `prepare` would create its schema."""
    if not path.exists():
        return True
    try:
        with closing(open_existing(path, timeout=1.0)) as connection:
            return is_unfinished(connection)
    except sqlite3.Error:
        return False  # opening the file reports the cause


def prepare(connection: sqlite3.Connection) -> None:
    """Create the schema in a new file, or bring that of an earlier version up to date, in one transaction.

    Raises `StoreMisconfigured` if the file belongs to another program or a later version.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if is_unfinished(connection):
            for statement in sorted(set(SCHEMA) - _schema(connection), key=SCHEMA.index):
                connection.execute(statement)
        elif not is_ours(connection):
            for statement in SCHEMA[len(TABLES) :]:
                connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def is_unfinished(connection: sqlite3.Connection) -> bool:
    """Whether the file has no schema or a part of it, which an earlier version left if the disk was full."""
    return _marks(connection) == (0, 0) and _schema(connection) <= set(SCHEMA)


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether the file has this program's mark and its present schema. Files of the first version have no mark.

    Raises `StoreMisconfigured` if the file belongs to another program or a later version.
    """
    application, version = _marks(connection)
    if application == APPLICATION_ID and version <= SCHEMA_VERSION:
        return version == SCHEMA_VERSION
    if application == APPLICATION_ID:
        raise StoreMisconfigured(f"the file has schema {version}, this program knows {SCHEMA_VERSION}")
    if (application, version) == (0, 1) and _schema(connection) == set(TABLES):
        return False
    raise StoreMisconfigured(
        f"the file is an SQLite database of another program (application_id {application}, user_version {version})"
    )


def uses_wal(connection: sqlite3.Connection) -> bool:
    """Whether the file has a write-ahead log. Without shared memory, SQLite uses another kind of journal."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return str(mode) == "wal"


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version


def _schema(connection: sqlite3.Connection) -> set[str]:
    """Return the statements that created the schema, without those of SQLite's own tables."""
    query = "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    return {sql for (sql,) in connection.execute(query)}


def _use_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """Switch to WAL mode. Retry, because SQLite's timeout does not apply if another process does the same."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if time.monotonic() > deadline or code_of(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            time.sleep(0.01)
        else:
            return
