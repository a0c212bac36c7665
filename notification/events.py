"""What happens to a user's feed, as those hear it who watch: the differences between two views of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from notification.idempotency import without_repeats
from notification.model import Notification, Rules
from notification.payload import decode_notification
from notification.timeline import NOTHING, Counts, count, timeline
from siblings import FEED, Feed
from siblings.ksuid import NO_ID


class Arrived(NamedTuple):
    """A notification that was not there before."""

    notification: Notification
    unseen: bool


class Removed(NamedTuple):
    """Notifications that are gone: removed, or out of the window."""

    ids: tuple[str, ...]


class Cleared(NamedTuple):
    """All notifications were removed."""


class Seen(NamedTuple):
    """The user has seen everything up to this id."""

    value: str


class Counted(NamedTuple):
    """How much there is now."""

    counts: Counts


class Reset(NamedTuple):
    """What the listener knows can't be brought up to date event by event: read the feed anew."""


Event = Arrived | Removed | Cleared | Seen | Counted | Reset


@dataclass(slots=True)
class Watched:
    """A feed as its listeners know it. `shown`: what they have been told of, by id, oldest first."""

    feed: Feed = field(default_factory=Feed)
    seen: str = NO_ID
    rules: Rules = field(default_factory=dict)
    shown: Mapping[str, Notification] = field(default_factory=dict)
    counts: Counts = NOTHING

    def learn_feed(self, feed: Feed) -> list[Event]:
        """What happened, now that the feed is known to be this. Older versions tell nothing new, and change nothing.

        Raises `DecodeError` where a payload is corrupt.
        """
        merged = FEED.merge(self.feed, feed)
        if merged == self.feed:
            return []
        before, self.feed, self.shown = self.shown, merged, self._decoded(merged)
        return [*self._gone(before), *self._arrived(before), *self.recount()]

    def learn_seen(self, value: str) -> list[Event]:
        """What happened, now that the user is known to have seen everything up to `value`."""
        if value <= self.seen:
            return []
        self.seen = value
        return [Seen(value), *self.recount()]

    def learn_rules(self, rules: Rules) -> list[Event]:
        """What happened, now that these rules are in force: other counts of groups, perhaps."""
        if rules == self.rules:
            return []
        self.rules = rules
        counts = self.counts
        recounted = self.recount()
        return [] if self.counts == counts else recounted

    def recount(self) -> list[Event]:
        """The counts as they are now."""
        newest_first = list(reversed(self.shown.values()))  # type: ignore[call-overload]
        self.counts = count(timeline(newest_first, self.seen, self.rules))
        return [Counted(self.counts)]

    def since(self, known: str, last: str) -> list[Event]:
        """What somebody has to hear who was told of `last` at the end, and of everything up to the id `known`."""
        missed: list[Event] = [Reset()] if last < self.feed.floor else []
        gone = tuple(id_ for id_, payload in self.feed.slots.items() if payload is None)
        missed += [Removed(gone)] if gone else []
        missed += [self._arrival(one) for id_, one in self.shown.items() if id_ > known]
        missed += [Seen(self.seen)] if self.seen != NO_ID else []
        return [*missed, Counted(self.counts)]

    def _decoded(self, feed: Feed) -> Mapping[str, Notification]:
        newest_first = [self.shown.get(id_) or decode_notification(id_, payload) for id_, payload in feed.live()]
        return {one.id: one for one in reversed(without_repeats(newest_first))}

    def _gone(self, before: Mapping[str, Notification]) -> Iterator[Event]:
        gone = tuple(id_ for id_ in before if id_ not in self.shown)
        if gone and not self.feed.slots:
            yield Cleared()
        elif gone:
            yield Removed(gone)

    def _arrived(self, before: Mapping[str, Notification]) -> Iterator[Event]:
        return (self._arrival(one) for id_, one in self.shown.items() if id_ not in before)

    def _arrival(self, notification: Notification) -> Event:
        return Arrived(notification, notification.id > self.seen)
