"""The rule book: one rule per category, the last one written.

Every write carries a stamp, a KSUID made above every stamp its writer has seen. The greatest stamp of a category
wins, so this is a map of last-writer-wins registers with a floor below which everything was removed at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from siblings.ksuid import MIN_ID, NO_ID

STANDING: Final = MIN_ID
"""The stamp of rules that no request made: those of the configuration. Every other stamp is greater."""


class Entry(NamedTuple):
    """What was last said of a category: when, and which rule (opaque bytes), or `None`: removed."""

    stamp: str
    rule: bytes | None


@dataclass(frozen=True, slots=True)
class RuleMap:
    """`entries` maps category to its last entry; all stamps are above `floor`."""

    floor: str = NO_ID
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def newest(self) -> str:
        """The greatest stamp this book knows of, floor included."""
        return max((entry.stamp for entry in self.entries.values()), default=self.floor)

    def live(self) -> Iterator[tuple[str, bytes]]:
        """Category and rule, by category, without the removed ones."""
        for category, entry in sorted(self.entries.items()):
            if entry.rule is not None:
                yield category, entry.rule

    def put(self, category: str, stamp: str, rule: bytes | None) -> "RuleMap":
        """`category` has `rule` since `stamp`, or none where it is `None`."""
        return merge(self, RuleMap(NO_ID, {category: Entry(stamp, rule)}))

    def clear(self, upto: str) -> "RuleMap":
        """Every entry up to the stamp `upto` is removed."""
        return merge(self, RuleMap(upto, {}))


def merge(left: RuleMap, right: RuleMap) -> RuleMap:
    """Per category the entry with the greater stamp; with equal stamps removed wins, then the greater bytes."""
    floor = max(left.floor, right.floor)
    entries = dict(left.entries)
    for category, entry in right.entries.items():
        entries[category] = max(entries.get(category, entry), entry, key=_strength)
    merged = RuleMap(floor, {category: entry for category, entry in entries.items() if entry.stamp > floor})
    return left if merged == left else merged


def _strength(entry: Entry) -> tuple[str, bool, bytes]:
    return entry.stamp, entry.rule is None, entry.rule or b""
