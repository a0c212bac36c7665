"""A cursor: the newest notification that a user has seen.

A merge takes the maximum of the values, so a cursor never moves back. All siblings of a cursor have the same key.
"""

from dataclasses import dataclass

from siblings.ksuid import NO_ID


@dataclass(frozen=True, slots=True)
class Cursor:
    """`key` is `<username>-<cursor name>`. `value` is an id, or `NO_ID` if nothing has been seen."""

    key: str = ""
    value: str = NO_ID


def merge(left: Cursor, right: Cursor) -> Cursor:
    """Return the cursor with the newer value. This is `left` itself if `right` adds nothing."""
    merged = Cursor(max(left.key, right.key), max(left.value, right.value))
    return left if merged == left else merged
