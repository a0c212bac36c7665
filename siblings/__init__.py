"""The merge algebra: ids, feeds, cursors and rule maps, how their concurrent versions merge, and how they are encoded.

Only pure values and functions live here. The package does no IO, reads no clock, uses no randomness and imports nothing
from `notification`. Notifications and rules are opaque bytes to it. From the bottom up:

    ksuid      ids as text
    java_id    the ids of the Java service, as KSUIDs
    lattice    what every mergeable type provides
    feed       the window of a user's newest notifications
    cursor     the newest notification a user has seen
    rule_map   one rule per category, of which the last write wins
    codec      encodes and decodes feeds, cursors and rule maps
"""

from typing import Final

from siblings import codec, cursor, feed, rule_map
from siblings.codec import DecodeError, EncodeError
from siblings.cursor import Cursor
from siblings.feed import WINDOW, Feed
from siblings.lattice import Mergeable
from siblings.rule_map import RuleMap

FEED: Final = Mergeable("feed", Feed(), feed.merge, codec.encode_feed, codec.decode_feed)
CURSOR: Final = Mergeable("cursor", Cursor(), cursor.merge, codec.encode_cursor, codec.decode_cursor)
RULE_MAP: Final = Mergeable("rule map", RuleMap(), rule_map.merge, codec.encode_rule_map, codec.decode_rule_map)

CURSOR_NAMES: Final = Mergeable("cursor names", RuleMap(), rule_map.merge, codec.encode_rule_map, codec.decode_rule_map)

__all__ = [
    "CURSOR",
    "CURSOR_NAMES",
    "FEED",
    "RULE_MAP",
    "WINDOW",
    "Cursor",
    "DecodeError",
    "EncodeError",
    "Feed",
    "Mergeable",
    "RuleMap",
]
