"""A feed: the window of a user's newest notifications, as a set keyed by ids that concurrent writers can merge.

Only the rules of what a feed holds may live here. Payloads are opaque. A slot holds a payload or is *removed*, and
removed slots stay in the window: were they dropped, a sibling that still holds the payload would bring it back.
They count in the window too: were only live slots counted, merging would depend on the order of merging (both are
shown as counterexamples in tests/siblings/test_tempting_rules.py).

What left the window is covered by the floor: every id at or below it is gone for good.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from siblings.ksuid import NO_ID, is_id

WINDOW: Final = 1000
"""How many slots, live or removed, a feed keeps: the newest ones."""

_UNKNOWN: Final = object()

Slot = bytes | None
"""A payload, or `None`: removed."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Feed:
    """`slots` maps id to payload or removed, in ascending order of ids, all above `floor`, at most `WINDOW` of them.

    The constructor trusts its caller; `Feed.of` takes anything and makes it so.
    """

    floor: str = NO_ID
    slots: dict[str, Slot] = field(default_factory=dict)

    @classmethod
    def of(cls, floor: str, slots: Mapping[str, Slot]) -> "Feed":
        """A feed of any slots: sorted, cut at the floor, trimmed. Raises `ValueError` for what is not an id."""
        if floor != NO_ID and not is_id(floor):
            raise ValueError("the floor is not a KSUID")
        if not all(map(is_id, slots)):
            raise ValueError("a slot's key is not a KSUID")
        return _trimmed(floor, slots)

    @property
    def newest(self) -> str:
        """The greatest id this feed knows of, floor included; a new id has to be above it."""
        return next(reversed(self.slots), self.floor)

    def live(self) -> Iterator[tuple[str, bytes]]:
        """What was not removed, newest first."""
        for id_ in reversed(self.slots):
            payload = self.slots[id_]
            if payload is not None:
                yield id_, payload

    def add(self, id_: str, payload: bytes) -> "Feed":
        """Slot `id_` holds `payload`; no change where it is at or below the floor, or removed."""
        return merge(self, addition(id_, payload))

    def remove(self, ids: Iterable[str]) -> "Feed":
        """Each of `ids` becomes removed, known or not: its payload may be in a sibling that was not read yet."""
        return merge(self, removal(ids))

    def clear(self, upto: str | None = None) -> "Feed":
        """Everything up to `upto` (all there is, where absent) is gone for good."""
        return merge(self, Feed(self.newest if upto is None else upto))


def addition(id_: str, payload: bytes) -> Feed:
    """What to merge into a feed to add to it."""
    return Feed(NO_ID, {id_: payload})


def removal(ids: Iterable[str]) -> Feed:
    """What to merge into a feed to remove from it."""
    return Feed(NO_ID, dict.fromkeys(sorted(ids)))


def merge(left: Feed, right: Feed) -> Feed:
    """The union above the greater floor, trimmed; removed wins over a payload, the greater payload over another.

    `left` itself where `right` has nothing new. The cost is that of looking at `right`, and of one copy.
    """
    floor = max(left.floor, right.floor)
    known = left.slots
    new = {id_: slot for id_, slot in right.slots.items() if id_ > floor and slot != known.get(id_, _UNKNOWN)}
    for id_ in [id_ for id_ in new if id_ in known]:
        new[id_] = _stronger(known[id_], new[id_])
        if new[id_] == known[id_]:
            del new[id_]
    if not new:
        return left if floor == left.floor else _cut(floor, _above(floor, known))
    appended = next(iter(new)) > left.newest
    merged = known | new
    return _cut(floor, _above(floor, merged if appended else {id_: merged[id_] for id_ in sorted(merged)}))


def _stronger(one: Slot, other: Slot) -> Slot:
    if one is None or other is None:
        return None
    return max(one, other)


def _trimmed(floor: str, slots: Mapping[str, Slot]) -> Feed:
    return _cut(floor, _above(floor, {id_: slots[id_] for id_ in sorted(slots)}))


def _above(floor: str, slots: dict[str, Slot]) -> dict[str, Slot]:
    """Sorted slots without those at or below the floor."""
    oldest = next(iter(slots), None)
    return slots if oldest is None or oldest > floor else {id_: slot for id_, slot in slots.items() if id_ > floor}


def _cut(floor: str, slots: dict[str, Slot]) -> Feed:
    """Without the oldest slots of a too long, sorted dictionary, which is the caller's own; the floor rises to the
    newest one dropped."""
    for id_ in list(islice(slots, max(len(slots) - WINDOW, 0))):
        del slots[id_]
        floor = id_
    return Feed(floor, slots)
