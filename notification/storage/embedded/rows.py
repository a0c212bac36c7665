"""The SQL statements on the rows of a key. A row is one sibling, and the number of the row is the sibling's *dot*.

A context consists of the newest dot of a key and the number of its siblings. Every put and every deletion changes at
least one of these two numbers.
"""

import sqlite3
import struct
from typing import Final

from notification.storage.store import Context, Fetched

NEWEST_AND_COUNT: Final = "SELECT max(dot), count(*) FROM siblings WHERE bucket = ? AND key = ?"
"""The query whose result `context_of` reads."""

_CONTEXT: Final = struct.Struct(">QI")


ABSENT: Final = _CONTEXT.pack(0, 0)
"""The context of a key without siblings."""


def pack_context(newest: int, siblings: int) -> Context:
    """Return the context that covers `siblings` rows up to the dot `newest`."""
    return _CONTEXT.pack(newest, siblings)


def unpack_context(context: Context | None) -> tuple[int, int]:
    """Return the newest dot that a context covers and the number of siblings; two zeros without a context."""
    return _CONTEXT.unpack(context) if context else (0, 0)


def context_of(cursor: sqlite3.Cursor) -> Context:
    """Return the context that covers all siblings. `cursor`: the result of `NEWEST_AND_COUNT`."""
    newest, siblings = cursor.fetchone()
    return _CONTEXT.pack(newest, siblings) if newest else ABSENT


def current_context(connection: sqlite3.Connection, bucket: str, key: str) -> Context:
    """Return the context that covers all siblings."""
    return context_of(connection.execute(NEWEST_AND_COUNT, (bucket, key)))


def count(connection: sqlite3.Connection, bucket: str, key: str) -> int:
    """Return the number of siblings."""
    (siblings,) = connection.execute(
        "SELECT count(*) FROM siblings WHERE bucket = ? AND key = ?", (bucket, key)
    ).fetchone()
    return int(siblings)


def fetch(connection: sqlite3.Connection, bucket: str, key: str) -> Fetched:
    """Return all siblings, oldest first, and the context that covers them."""
    rows = connection.execute(
        "SELECT dot, value FROM siblings WHERE bucket = ? AND key = ? ORDER BY dot", (bucket, key)
    ).fetchall()
    return Fetched(tuple(value for _, value in rows), _CONTEXT.pack(rows[-1][0], len(rows)) if rows else ABSENT)


def insert(connection: sqlite3.Connection, bucket: str, key: str, value: bytes) -> int:
    """Add a sibling and return its dot."""
    query = "INSERT INTO siblings (bucket, key, value) VALUES (?, ?, ?)"
    return int(connection.execute(query, (bucket, key, value)).lastrowid or 0)


def delete(connection: sqlite3.Connection, bucket: str, key: str, newest: int) -> None:
    """Delete the siblings up to the dot `newest`."""
    if newest:
        connection.execute("DELETE FROM siblings WHERE bucket = ? AND key = ? AND dot <= ?", (bucket, key, newest))


def keys(connection: sqlite3.Connection, bucket: str, *, indexed: bool) -> list[str]:
    """Return every key of a bucket in order. `indexed`: use the index, which can be damaged on its own."""
    table = "siblings" if indexed else "siblings NOT INDEXED"
    query = f"SELECT DISTINCT key FROM {table} WHERE bucket = ? ORDER BY key"  # noqa: S608  # `table` is one of two constants
    return [key for (key,) in connection.execute(query, (bucket,))]
