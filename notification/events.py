"""What happens to a user's feed, as those hear it who watch: the differences between two views of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from notification.idempotency import without_repeats
from notification.model import Notification, Rules
from notification.payload import decode_notification, is_keyed
from notification.timeline import NOTHING, Counts
from notification.view import View
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
    """A feed as its listeners know it. Nothing is kept decoded: many feeds are watched, and few change."""

    feed: Feed = field(default_factory=Feed)
    seen: str = NO_ID
    rules: Rules = field(default_factory=dict)
    counts: Counts = NOTHING

    @property
    def newest(self) -> str:
        """The newest id of the feed."""
        return self.feed.newest

    def learn_feed(self, feed: Feed) -> list[Event]:
        """What happened, now that the feed is known to be this. Older versions tell nothing new, and change nothing.

        Raises `DecodeError` where a payload is corrupt.
        """
        if feed is self.feed or FEED.merge(self.feed, feed) is self.feed:
            return []
        before, self.feed = _shown(self.feed), FEED.merge(feed, self.feed)
        after = _shown(self.feed)
        gone = tuple(id_ for id_ in before if id_ not in after)
        arrived = [self._arrival(id_, payload) for id_, payload in after.items() if id_ not in before]
        return [*_farewell(gone, self.feed), *arrived, self.recount()]

    def learn_seen(self, value: str) -> list[Event]:
        """What happened, now that the user is known to have seen everything up to `value`."""
        if value <= self.seen:
            return []
        self.seen = value
        return [Seen(value), self.recount()]

    def learn_rules(self, rules: Rules) -> list[Event]:
        """What happened, now that these rules are in force: other counts of groups, perhaps."""
        if rules is self.rules:
            return []
        self.rules, before = rules, self.counts
        recounted = self.recount()
        return [] if self.counts == before else [recounted]

    def recount(self) -> Event:
        """The counts as they are now."""
        if self.rules:
            self.counts = View.of(self.feed, self.seen, self.rules).counts()
        else:
            ids = _shown(self.feed)
            unseen = sum(id_ > self.seen for id_ in ids)
            self.counts = Counts(unseen, len(ids), len(ids), unseen)
        return Counted(self.counts)

    def since(self, known: str, last: str) -> list[Event]:
        """What somebody has to hear who was told of `last` at the end, and of everything up to the id `known`."""
        missed: list[Event] = [Reset()] if last < self.feed.floor else []
        gone = tuple(id_ for id_, payload in self.feed.slots.items() if payload is None)
        missed += [Removed(gone)] if gone else []
        missed += [self._arrival(id_, payload) for id_, payload in _shown(self.feed).items() if id_ > known]
        missed += [Seen(self.seen)] if self.seen != NO_ID else []
        return [*missed, Counted(self.counts)]

    def _arrival(self, id_: str, payload: bytes) -> Event:
        return Arrived(decode_notification(id_, payload), id_ > self.seen)


def _shown(feed: Feed) -> Mapping[str, bytes]:
    """Ids and payloads that a reader is shown, oldest first; only entries made under a key are decoded for it."""
    live = {id_: payload for id_, payload in feed.slots.items() if payload is not None}
    keyed = [decode_notification(id_, payload) for id_, payload in reversed(live.items()) if is_keyed(payload)]
    for repeat in {one.id for one in keyed} - {one.id for one in without_repeats(keyed)}:
        del live[repeat]
    return live


def _farewell(gone: tuple[str, ...], feed: Feed) -> list[Event]:
    if not gone:
        return []
    return [Removed(gone)] if feed.slots else [Cleared()]
