"""The rule map: one rule per category, of which the last write wins.

Every write carries a stamp, a KSUID that is newer than every stamp its writer has seen. The newest stamp of a category
wins. This is a map of last-writer-wins registers. Removing all rules raises the floor, and a merge drops every entry at
or below the floor.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from siblings.ksuid import MIN_ID, NO_ID

STANDING: Final = MIN_ID
"""The stamp of rules from the configuration. Every rule made by a request has a newer one."""


class Entry(NamedTuple):
    """The last write to a category: its stamp, and the rule as opaque bytes, or `None` if the rule was removed."""

    stamp: str
    rule: bytes | None


@dataclass(frozen=True, slots=True)
class RuleMap:
    """`entries` maps each category to its last write. All stamps are above `floor`."""

    floor: str = NO_ID
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def newest(self) -> str:
        """The newest stamp in this map, the floor included."""
        return max((entry.stamp for entry in self.entries.values()), default=self.floor)

    def live(self) -> Iterator[tuple[str, bytes]]:
        """Yield the categories that have a rule, with the rule, in order of category."""
        for category, entry in sorted(self.entries.items()):
            if entry.rule is not None:
                yield category, entry.rule

    def put(self, category: str, stamp: str, rule: bytes | None) -> "RuleMap":
        """Return the map with the rule of `category` set at `stamp`; `None` removes the rule."""
        return merge(self, RuleMap(NO_ID, {category: Entry(stamp, rule)}))

    def clear(self, upto: str) -> "RuleMap":
        """Return the map without the entries up to the stamp `upto`."""
        return merge(self, RuleMap(upto, {}))


def merge(left: RuleMap, right: RuleMap) -> RuleMap:
    """Keep the entry with the newer stamp in each category.

    At equal stamps, a removal wins over a rule, and of two rules the greater bytes win. The result is `left` itself if
    `right` adds nothing.
    """
    floor = max(left.floor, right.floor)
    entries = dict(left.entries)
    for category, entry in right.entries.items():
        entries[category] = max(entries.get(category, entry), entry, key=_strength)
    merged = RuleMap(floor, {category: entry for category, entry in entries.items() if entry.stamp > floor})
    return left if merged == left else merged


def _strength(entry: Entry) -> tuple[str, bool, bytes]:
    return entry.stamp, entry.rule is None, entry.rule or b""
