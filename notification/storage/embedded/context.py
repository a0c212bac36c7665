"""The contexts that the embedded store gives out: those of `rows` with a mark.

The mark is a slot of `sequence` and the transaction up to which the key was read. It only saves asking SQLite.
"""

import struct
from typing import Final

from notification.storage.store import Context

_MARK: Final = struct.Struct("=IQ")


def marked(context: Context | None, slot: int, number: int) -> Context | None:
    """Return a context of `rows` with a mark."""
    return None if context is None else context + _MARK.pack(slot, number)


def unmarked(context: Context | None) -> Context | None:
    """Return the context of `rows` within a marked one."""
    return None if context is None else context[: -_MARK.size]


def mark_of(context: Context) -> tuple[int, int]:
    """Return the slot and the transaction of a marked context."""
    return _MARK.unpack_from(context, len(context) - _MARK.size)
