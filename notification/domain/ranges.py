"""Which part of a timeline a client asks for, and what comes after it.

An id in a range is a position: no notification has to have it. The range of a later page carries a view token, so that
the pages fit together while others write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from siblings import WINDOW
from siblings.ksuid import NO_ID

DEFAULT_MAX: Final = 20
MAX_LIMIT: Final = WINDOW

PartialGroups = Mapping[str, str]
"""By mark of a kind: the last id of its group that earlier pages have shown."""


@dataclass(frozen=True, slots=True)
class ViewToken:
    """The view of a first page: ids up to `top`, unseen above `seen` (`NO_ID`: all).

    `shown` is `None` where there were too many groups to name.
    """

    top: str
    seen: str = NO_ID
    shown: PartialGroups | None = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Range:
    """A part of a timeline, from `start` (the newest, where absent) down to `stop` (the oldest)."""

    start: str | None = None
    includes_start: bool = True
    stop: str | None = None
    includes_stop: bool = True
    max: int = DEFAULT_MAX
    frozen: ViewToken | None = None

    def covers(self, id_: str) -> bool:
        """Whether a position lies within."""
        if self.start is not None and (id_ > self.start or (id_ == self.start and not self.includes_start)):
            return False
        return self.stop is None or id_ > self.stop or (id_ == self.stop and self.includes_stop)

    def after(self, last: str, frozen: ViewToken) -> "Range":
        """What follows the page that ended with `last`."""
        return Range(last, False, self.stop, self.includes_stop, self.max, frozen)


FIRST: Final = Range()
"""The first page, where nothing else is asked for."""
