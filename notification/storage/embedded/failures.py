"""Translates SQLite's errors into the errors of a store."""

import sqlite3
from typing import Final

from notification.domain.errors import NotStored, StoreFull, StoreUnavailable

FULL: Final = sqlite3.SQLITE_FULL
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def code_of(error: Exception) -> int:
    """Return SQLite's primary result code; 0 if the error is not SQLite's own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_damage(error: Exception) -> bool:
    """Whether the error reports damaged pages."""
    return code_of(error) in _DAMAGED


def not_stored(message: str, error: Exception) -> StoreUnavailable:
    """Return the error for a write that was rolled back or never began."""
    return (StoreFull if code_of(error) == FULL else NotStored)(message)
