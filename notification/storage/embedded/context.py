"""The contexts that the embedded store returns. Each is a context of `rows` with a mark.

The mark consists of a slot of `sequence` and the number of the last transaction that the read included. It is an
optimization that saves queries to SQLite.
"""

import struct
from typing import Final

from notification.storage.store import Context

_MARK: Final = struct.Struct("=IQ")


def marked(context: Context | None, slot: int, number: int) -> Context | None:
    """Append a mark to a context of `rows`."""
    return None if context is None else context + _MARK.pack(slot, number)


def unmarked(context: Context | None) -> Context | None:
    """Return the context of `rows` that a marked context contains."""
    return None if context is None else context[: -_MARK.size]


def mark_of(context: Context) -> tuple[int, int]:
    """Return the slot and the transaction number of a marked context."""
    return _MARK.unpack_from(context, len(context) - _MARK.size)
