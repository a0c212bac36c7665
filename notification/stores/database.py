"""Opening the embedded store's SQLite file."""

import sqlite3
import time
from pathlib import Path
from typing import Final

from notification.errors import StoreMisconfigured

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
)


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection that waits `timeout` seconds for other writers, and whose commits reach the disk.

    Transactions are the caller's: none is begun by itself.
    """
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        _use_wal(connection, time.monotonic() + timeout)
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection) -> None:
    """Make the schema where the file is new. Raises `StoreMisconfigured` where the file is not ours, or newer."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version > SCHEMA_VERSION or (version == 0 and tables):
            raise StoreMisconfigured(f"the file has schema {version}, this program knows {SCHEMA_VERSION}")
        if version == 0:
            for statement in SCHEMA:
                connection.execute(statement)
    finally:
        connection.execute("COMMIT")


def _use_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """SQLite does not wait its timeout for this one change, so processes that start together take turns here."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
