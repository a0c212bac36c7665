"""Estimated memory of cached values, in bytes. The caches are bounded by these.

The estimates add up the sizes of CPython's objects; a test compares them with the resident memory of a process. The
estimate of an object never changes, so that a cache can subtract exactly what it added. The exception is a feed, which
counts its index of idempotency keys once it has one. Every create with a key makes the index before it writes the feed.
`sys.getsizeof` can't be used for text that is not ASCII, because its result grows when the text is first encoded and
CPython keeps the UTF-8 with the text.
"""

from collections.abc import Iterable
from sys import getsizeof
from typing import Final

from notification.domain.idempotency import KeyIndex
from notification.domain.model import Notification
from notification.domain.timeline import Item
from siblings import Cursor, Feed, RuleMap

ID: Final = 80
"""An id as text."""
INTERNED: Final = 40
"""The slot of a text in the interpreter's table of interned strings. msgpack interns the keys of maps."""
BYTES: Final = 41
"""A `bytes` object without its content, rounded up to the allocation unit."""
CURSOR: Final = 64
FEED: Final = 64
NOTIFICATION: Final = 112
"""A notification with its time, without its texts and its id."""
IDEMPOTENCY: Final = 184
KEY: Final = 112
"""The hash of an idempotency key in the index of a feed."""
VIEW: Final = 400
PAGE: Final = 1200
"""A page without its items, with its own range and the range of the next page."""
MARK: Final = 230
"""A group that is named in the range of the next page."""
ITEM: Final = 136
"""An item of a page, with its list of nested notifications."""
POINTER: Final = 8

_TEXT: Final = 57
_WIDE_TEXT: Final = 84


def of_text(text: str) -> int:
    """Return the bytes of a text. If it is not ASCII, this includes the UTF-8 that CPython may keep with it."""
    if text.isascii():
        return _TEXT + len(text)
    widest = max(text)
    width = 1 if widest <= "\xff" else 2 if widest <= "\uffff" else 4
    return _WIDE_TEXT + width * len(text) + len(text.encode(errors="replace"))


def of_feed(feed: Feed) -> int:
    """Return the bytes of a decoded feed."""
    payloads, size = feed.tally
    keys = KEY * len(feed.notes.hashes) if isinstance(feed.notes, KeyIndex) else 0
    return FEED + getsizeof(feed.slots) + (ID + INTERNED) * len(feed.slots) + BYTES * payloads + size + keys


def of_cursor(cursor: Cursor) -> int:
    """Return the bytes of a cursor."""
    return CURSOR + of_text(cursor.key) + of_text(cursor.value)


def of_rule_map(rule_map: RuleMap) -> int:
    """Return the bytes of a rule map."""
    entries = (of_text(name) + 2 * ID + BYTES + len(entry.rule or b"") for name, entry in rule_map.entries.items())
    return FEED + getsizeof(rule_map.entries) + sum(entries)


def of_notification(notification: Notification) -> int:
    """Return the bytes of a decoded notification and its id."""
    properties = notification.properties
    size = NOTIFICATION + ID + of_text(notification.category) + of_text(notification.message) + getsizeof(properties)
    if properties:
        size += sum(of_text(name) + of_text(value) for name, value in properties.items())
    return size if notification.idempotency is None else size + IDEMPOTENCY


def of_items(items: Iterable[Item]) -> int:
    """Return the bytes of the items of a page, without the notifications, which belong to the view."""
    return sum(ITEM + POINTER * len(item.nested) for item in items)
