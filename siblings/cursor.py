"""A cursor: the newest notification that a user has seen.

Two maxima side by side: of the value, which therefore never moves back, and of the cursor's own name, which all
siblings share.
"""

from dataclasses import dataclass

from siblings.ksuid import NO_ID


@dataclass(frozen=True, slots=True)
class Cursor:
    """`key` names it (`<username>-<cursor name>`), `value` is an id, or `NO_ID` while nothing was seen."""

    key: str = ""
    value: str = NO_ID


def merge(left: Cursor, right: Cursor) -> Cursor:
    """The greater value; `left` itself where `right` has nothing new."""
    merged = Cursor(max(left.key, right.key), max(left.value, right.value))
    return left if merged == left else merged
