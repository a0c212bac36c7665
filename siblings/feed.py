"""A feed: the window of a user's newest notifications, as a set keyed by id whose concurrent versions can be merged.

Only the rules for a feed's content live here; payloads are opaque. A slot holds a payload or is *removed*. Removed
slots stay in the window, because a sibling that still holds the payload would otherwise bring it back. Removed slots
also count towards the window's size. If only live slots counted, the result would depend on the order of merges.
tests/siblings/test_tempting_rules.py has counterexamples to both of these simpler rules.

Ids that have left the window are at or below the floor. A feed never holds such an id again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Final, NamedTuple

from siblings.ksuid import NO_ID, is_id

WINDOW: Final = 1000
"""Maximum number of slots, live or removed. A feed keeps the newest."""

_UNKNOWN: Final = object()

Slot = bytes | None
"""A payload, or `None` in a removed slot."""


class Tally(NamedTuple):
    """Number of payloads, and their size in bytes."""

    payloads: int
    size: int


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Feed:
    """`slots` maps at most `WINDOW` ids to payloads or removals. The ids are ascending and above `floor`.
    The constructor trusts its caller. `Feed.of` builds a valid feed from any slots.
    """

    floor: str = NO_ID
    slots: dict[str, Slot] = field(default_factory=dict)
    _tally: Tally | None = field(default=None, repr=False, compare=False)
    notes: object = field(default=None, repr=False, compare=False)
    """Data that a reader of the payloads has derived from them. It is opaque here and not part of the feed's value. A
    merge that only appends slots passes the notes on; any other merge drops them."""

    @classmethod
    def of(cls, floor: str, slots: Mapping[str, Slot]) -> "Feed":
        """Build a feed from any slots: sort, cut at the floor, trim. Raises `ValueError` if a key is not an id."""
        if floor != NO_ID and not is_id(floor):
            raise ValueError("the floor is not a KSUID")
        if not all(map(is_id, slots)):
            raise ValueError("a slot's key is not a KSUID")
        return _trimmed(floor, slots)

    @property
    def tally(self) -> Tally:
        """The number and size of all payloads. They are counted once; a merge that only appends slots counts only the
        new payloads."""
        tally = self._tally
        if tally is None:
            tally = _tally(self.slots.values())
            object.__setattr__(self, "_tally", tally)
        return tally

    def annotate(self, notes: object) -> None:
        """Attach `notes` to this feed. Its value does not change."""
        object.__setattr__(self, "notes", notes)

    @property
    def newest(self) -> str:
        """The newest id that this feed knows, the floor included. A new id must be above it."""
        return next(reversed(self.slots), self.floor)

    def after(self, id_: str) -> Iterator[Slot]:
        """Yield the slots newer than `id_`, newest first. Older slots are not visited."""
        for newer in takewhile(id_.__lt__, reversed(self.slots)):
            yield self.slots[newer]

    def live(self) -> Iterator[tuple[str, bytes]]:
        """Yield the ids and payloads of the slots that are not removed, newest first."""
        for id_ in reversed(self.slots):
            payload = self.slots[id_]
            if payload is not None:
                yield id_, payload

    def add(self, id_: str, payload: bytes) -> "Feed":
        """Return the feed with `payload` in slot `id_`, unless the id is at or below the floor or was removed."""
        return merge(self, addition(id_, payload))

    def remove(self, ids: Iterable[str]) -> "Feed":
        """Return the feed with `ids` marked as removed.

        Ids without a slot are marked, too, because a sibling that has not been read yet might hold their payloads.
        """
        return merge(self, removal(ids))

    def clear(self, upto: str | None = None) -> "Feed":
        """Return the feed without everything up to the id `upto`, which can't come back; `None` means everything."""
        return merge(self, Feed(self.newest if upto is None else upto))


def addition(id_: str, payload: bytes) -> Feed:
    """Return the delta that adds one notification."""
    return Feed(NO_ID, {id_: payload})


def removal(ids: Iterable[str]) -> Feed:
    """Return the delta that removes `ids`."""
    return Feed(NO_ID, dict.fromkeys(sorted(ids)))


def merge(left: Feed, right: Feed) -> Feed:
    """Return the union of both feeds above the higher floor, trimmed to the window.

    A removal wins over a payload; of two payloads of one id, the greater bytes win. The result is `left` itself if
    `right` adds nothing. A merge costs one pass over `right` and at most one copy of the slots.
    """
    if right.floor <= left.floor and next(iter(right.slots), NO_ID) > left.newest:
        return _appended(left, right.slots)
    floor = max(left.floor, right.floor)
    known = left.slots
    new = {id_: slot for id_, slot in right.slots.items() if id_ > floor and slot != known.get(id_, _UNKNOWN)}
    for id_ in [id_ for id_ in new if id_ in known]:
        new[id_] = _stronger(known[id_], new[id_])
        if new[id_] == known[id_]:
            del new[id_]
    if not new:
        return left if floor == left.floor else _cut(floor, _above(floor, known))
    return _trimmed(floor, known | new)


def _appended(feed: Feed, newer: dict[str, Slot]) -> Feed:
    """Return `feed` with the slots `newer`, which are all newer than its own. Nearly every write comes here."""
    payloads, size = feed.tally
    for payload in newer.values():
        if isinstance(payload, bytes):
            payloads += 1
            size += len(payload)
    slots = feed.slots | newer
    surplus = len(slots) - WINDOW
    if surplus > 0:
        lost = _tally(islice(slots.values(), surplus))
        payloads, size = payloads - lost.payloads, size - lost.size
    return _cut(feed.floor, slots, Tally(payloads, size), feed.notes)


def _tally(slots: Iterable[Slot]) -> Tally:
    payloads = [payload for payload in slots if isinstance(payload, bytes)]
    return Tally(len(payloads), sum(map(len, payloads)))


def _stronger(left: Slot, right: Slot) -> Slot:
    if left is None or right is None:
        return None
    return max(left, right)


def _trimmed(floor: str, slots: Mapping[str, Slot]) -> Feed:
    return _cut(floor, _above(floor, {id_: slots[id_] for id_ in sorted(slots)}))


def _above(floor: str, slots: dict[str, Slot]) -> dict[str, Slot]:
    """Return `slots`, which are sorted, without those at or below the floor."""
    oldest = next(iter(slots), None)
    return slots if oldest is None or oldest > floor else {id_: slot for id_, slot in slots.items() if id_ > floor}


def _cut(floor: str, slots: dict[str, Slot], tally: Tally | None = None, notes: object = None) -> Feed:
    """Drop the oldest slots beyond the window, in place, and raise the floor to the newest dropped id."""
    if len(slots) > WINDOW:
        for id_ in list(islice(slots, len(slots) - WINDOW)):
            del slots[id_]
            floor = id_
    return Feed(floor, slots, tally, notes)
