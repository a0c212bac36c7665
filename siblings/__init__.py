"""Merging concurrent writes: ids, feeds, cursors, rule books, and their bytes. No IO, no clock, no randomness.

Three mergeable types are stored, and this is all that the layers above need to know of them:
"""

from typing import Final

from siblings import codec, cursor, feed, rulebook
from siblings.codec import DecodeError, EncodeError
from siblings.cursor import Cursor
from siblings.feed import WINDOW, Feed
from siblings.lattice import Mergeable
from siblings.rulebook import RuleBook

FEED: Final = Mergeable("feed", Feed(), feed.merge, codec.encode_feed, codec.decode_feed)
CURSOR: Final = Mergeable("cursor", Cursor(), cursor.merge, codec.encode_cursor, codec.decode_cursor)
RULEBOOK: Final = Mergeable("rule book", RuleBook(), rulebook.merge, codec.encode_rulebook, codec.decode_rulebook)

__all__ = [
    "CURSOR",
    "FEED",
    "RULEBOOK",
    "WINDOW",
    "Cursor",
    "DecodeError",
    "EncodeError",
    "Feed",
    "Mergeable",
    "RuleBook",
]
