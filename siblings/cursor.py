"""A cursor: the newest notification that a user has seen.

It is a pair of maxima: the value, which therefore never moves back, and the cursor's key, which all siblings share.
"""

from dataclasses import dataclass

from siblings.ksuid import NO_ID


@dataclass(frozen=True, slots=True)
class Cursor:
    """`key` is `<username>-<cursor name>`. `value` is an id, or `NO_ID` if nothing has been seen."""

    key: str = ""
    value: str = NO_ID


def merge(left: Cursor, right: Cursor) -> Cursor:
    """The newer value. Returns `left` itself if `right` adds nothing."""
    merged = Cursor(max(left.key, right.key), max(left.value, right.value))
    return left if merged == left else merged
