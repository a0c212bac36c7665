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

Slot = bytes | None
"""A payload, or `None`: removed."""


@dataclass(frozen=True, slots=True)
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
        if id_ <= self.floor:
            return self
        if id_ > self.newest:
            return _cut(self.floor, {**self.slots, id_: payload})
        return merge(self, Feed(NO_ID, {id_: payload}))

    def remove(self, ids: Iterable[str]) -> "Feed":
        """Each of `ids` becomes removed, known or not: its payload may be in a sibling that was not read yet."""
        gone: dict[str, Slot] = dict.fromkeys(sorted(id_ for id_ in ids if id_ > self.floor))
        return merge(self, Feed(NO_ID, gone))

    def clear(self, upto: str | None = None) -> "Feed":
        """Everything up to `upto` (all there is, where absent) is gone for good."""
        return merge(self, Feed(self.newest if upto is None else upto, {}))


def merge(left: Feed, right: Feed) -> Feed:
    """The union above the greater floor, trimmed; removed wins over a payload, the greater payload over another."""
    if left is right or left == right:
        return left
    merged = {**left.slots, **right.slots}
    for id_ in left.slots.keys() & right.slots.keys():
        merged[id_] = _stronger(left.slots[id_], right.slots[id_])
    joined = _trimmed(max(left.floor, right.floor), merged)
    return left if joined == left else joined


def _stronger(one: Slot, other: Slot) -> Slot:
    if one is None or other is None:
        return None
    return max(one, other)


def _trimmed(floor: str, slots: Mapping[str, Slot]) -> Feed:
    return _cut(floor, {id_: slots[id_] for id_ in sorted(slots) if id_ > floor})


def _cut(floor: str, slots: dict[str, Slot]) -> Feed:
    """Drop the oldest slots of a too long, sorted dictionary and raise the floor to the newest one dropped."""
    for id_ in list(islice(slots, max(len(slots) - WINDOW, 0))):
        del slots[id_]
        floor = id_
    return Feed(floor, slots)
