"""Merging concurrent writes: ids, feeds, cursors, rule books, and their bytes. No IO, no clock, no randomness.

Three mergeable types are stored, and this is all that the layers above need to know of them:
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
RULE_MAP: Final = Mergeable("rule book", RuleMap(), rule_map.merge, codec.encode_rule_map, codec.decode_rule_map)

__all__ = [
    "CURSOR",
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
