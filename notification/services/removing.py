"""Removes ids from a feed, and limits how many unknown ids the feed remembers as removed.

An id that the feed does not contain can be in a sibling that has not been read yet, so a slot remembers that the id was
removed. Slots count towards the window. So one request may add only a few such slots. Otherwise, a request to remove
ids that never existed could push all notifications out of the window.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from notification.storage.bucket import Change
from siblings import Feed
from siblings.feed import removal

MAX_UNKNOWN: Final = 20
"""Maximum number of unknown ids that one removal adds. If there are more, it adds the newest. This is the default size
of a page, because another process can return a page before this process has read its notifications."""


class Removed(NamedTuple):
    """The ids that a removal has removed. `living`: how many of them were notifications that still existed."""

    ids: frozenset[str]
    living: int


def remove_known(ids: Iterable[str]) -> Change[Feed, Removed | None]:
    """Remove `ids` if the feed contains or has dropped each of them. Otherwise, change nothing and return `None`."""
    wanted = frozenset(ids)

    def change(feed: Feed, before: Removed | None) -> tuple[Feed, Removed | None]:
        if before is None and any(id_ > feed.floor and id_ not in feed.slots for id_ in wanted):
            return Feed(), None
        return _remove(feed, wanted if before is None else before.ids, before)

    return change


def remove_any(ids: Iterable[str], credible: frozenset[str]) -> Change[Feed, Removed]:
    """Remove those of `ids` that the feed contains, and the newest `MAX_UNKNOWN` of the other ids.

    An id that is newer than the feed's newest id and not `credible` is ignored, because no process can have made it.
    """
    wanted = frozenset(ids)

    def change(feed: Feed, before: Removed | None) -> tuple[Feed, Removed]:
        held = wanted & feed.slots.keys()
        if before is not None:
            return _remove(feed, before.ids | held, before)
        unknown = (id_ for id_ in wanted - held if feed.floor < id_ and (id_ <= feed.newest or id_ in credible))
        return _remove(feed, held | frozenset(sorted(unknown, reverse=True)[:MAX_UNKNOWN]), before)

    return change


def living(feed: Feed, ids: Iterable[str]) -> int:
    """Return the number of `ids` that are in the feed and not removed."""
    return sum(feed.slots.get(id_) is not None for id_ in set(ids))


def _remove(feed: Feed, ids: frozenset[str], before: Removed | None) -> tuple[Feed, Removed]:
    counted = before or Removed(frozenset(), 0)
    return removal(ids), Removed(ids, counted.living + living(feed, ids - counted.ids))
