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
"""The application id in SQLite's header, which identifies the files of this program."""
SCHEMA_VERSION: Final = 2
ANNOUNCES: Final = "notification_announces_this_write"
"""The name of an SQL function that only the connections of this program define, since schema 2."""
TABLES: Final = (
    # The table's B-tree is ordered by dot and not by (bucket, key). If the B-tree of the keys contained the blobs, each
    # look-up of a dot would have to read past them.
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
"""Triggers that make SQLite refuse the writes of programs that do not define the function, because such programs do not
announce their writes in `sequence`. Examples are SQLite's shell, and an earlier version of this program that has the
file open. The condition of the triggers is never true, so their statement never runs."""
SCHEMA: Final = (
    *TABLES,
    *GUARDS,
    f"PRAGMA user_version = {SCHEMA_VERSION}",
    f"PRAGMA application_id = {APPLICATION_ID}",
)


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """Return a connection that waits at most `timeout` seconds for other writers, and whose commits are durable.

    The caller begins and ends transactions. Raises `StoreMisconfigured` if the file belongs to another program or
    a later version.
    """
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        if not is_unfinished(connection):
            is_ours(connection)  # raises before a file of another program is changed
        _use_wal(connection, time.monotonic() + timeout)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = ON")  # allows the triggers to call the function
        connection.create_function(ANNOUNCES, 0, lambda: True)
    except BaseException:
        connection.close()
        raise
    return connection


def open_existing(path: Path, timeout: float) -> sqlite3.Connection:
    """Return a connection to an existing file; never create one."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", timeout=timeout, isolation_level=None, uri=True)


def is_new(path: Path) -> bool:
    """Whether the file is missing, or its schema is not complete, so that `prepare` would create it."""
    if not path.exists():
        return True
    try:
        with closing(open_existing(path, timeout=1.0)) as connection:
            return is_unfinished(connection)
    except sqlite3.Error:
        return False  # the caller gets the cause when it opens the file


def prepare(connection: sqlite3.Connection) -> None:
    """Create the schema in a new file, or migrate the schema of an earlier version, in one transaction.

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
    """Whether the schema is missing or incomplete. An earlier version can leave it incomplete if the disk is full."""
    return _marks(connection) == (0, 0) and _schema(connection) <= set(SCHEMA)


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether the file has this program's application id and its current schema. Files of schema 1 have no such id.

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
    """Whether the file has a write-ahead log. If no shared memory is available, SQLite uses another kind of journal."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return str(mode) == "wal"


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version


def _schema(connection: sqlite3.Connection) -> set[str]:
    """Return the statements that created the schema, except those of SQLite's own tables."""
    query = "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    return {sql for (sql,) in connection.execute(query)}


def _use_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """Switch to WAL mode. Retry until `deadline`, because SQLite's timeout does not cover concurrent switches."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if time.monotonic() > deadline or code_of(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            time.sleep(0.01)
        else:
            return
