"""SQLite's errors as the store's: what they say of a write, and of the file."""

import sqlite3
from typing import Final

from notification.domain.errors import NotStored, StoreFull, StoreUnavailable

FULL: Final = sqlite3.SQLITE_FULL
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def code_of(error: Exception) -> int:
    """SQLite's primary result code; 0 where the error is not SQLite's own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_damage(error: Exception) -> bool:
    """Whether the file's pages are not what they should be."""
    return code_of(error) in _DAMAGED


def not_stored(message: str, error: Exception) -> StoreUnavailable:
    """The failure of a write that was rolled back, or not begun."""
    return (StoreFull if code_of(error) == FULL else NotStored)(message)
