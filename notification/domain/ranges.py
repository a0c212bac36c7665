"""The part of a timeline that a client asks for, and the range of the next page.

An id in a range is a position; a notification with that id need not exist. The range of a later page carries a view
token, so that the pages fit together while other clients write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from siblings import WINDOW
from siblings.ksuid import NO_ID

DEFAULT_MAX: Final = 20
MAX_LIMIT: Final = WINDOW

PartialGroups = Mapping[str, str]
"""Maps the digest of a kind to the id of the last member of its group that earlier pages have shown."""


@dataclass(frozen=True, slots=True)
class ViewToken:
    """The view of a first page: the ids up to `top`, of which those above `seen` are unseen (`NO_ID`: all of them).

    `shown`: the groups that reach into later pages; `None` if there are too many to name.
    """

    top: str
    seen: str = NO_ID
    shown: PartialGroups | None = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Range:
    """A part of a timeline, from `start` (`None`: the newest) down to `stop` (`None`: the oldest)."""

    start: str | None = None
    includes_start: bool = True
    stop: str | None = None
    includes_stop: bool = True
    max: int = DEFAULT_MAX
    frozen: ViewToken | None = None

    def covers(self, id_: str) -> bool:
        """Whether the position `id_` lies within the range."""
        if self.start is not None and (id_ > self.start or (id_ == self.start and not self.includes_start)):
            return False
        return self.stop is None or id_ > self.stop or (id_ == self.stop and self.includes_stop)

    def after(self, last: str, frozen: ViewToken) -> "Range":
        """Return the range of the page after one whose last head is `last`."""
        return Range(last, False, self.stop, self.includes_stop, self.max, frozen)


FIRST: Final = Range()
"""The range of a first page, which is the default."""
