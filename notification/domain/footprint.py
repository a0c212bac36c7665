"""Estimated memory of cached values, in bytes. The caches are bounded by these.

The estimates add up the sizes of CPython's objects; a test compares them with the resident memory of a process. The
estimate of an object never changes, so that a cache can subtract exactly what it added. `sys.getsizeof` does not have
this property for text that is not ASCII: CPython keeps the text's UTF-8 beside it once it has been encoded.
"""

from collections.abc import Iterable
from sys import getsizeof
from typing import Final

from notification.domain.model import Notification
from notification.domain.timeline import Item
from siblings import Cursor, Feed, RuleMap

ID: Final = 80
"""The text of an id."""
INTERNED: Final = 40
"""The slot of a text in the interpreter's table of interned strings. msgpack interns the keys of maps."""
BYTES: Final = 41
"""A `bytes` object without its content, rounded up to the allocation unit."""
CURSOR: Final = 64
FEED: Final = 64
NOTIFICATION: Final = 112
"""A notification with its time, without its texts and its id."""
IDEMPOTENCY: Final = 184
VIEW: Final = 400
PAGE: Final = 1200
"""A page without its items, with the range that asked for it and the range of the next page."""
MARK: Final = 230
"""A group that is named in the range of the next page."""
ITEM: Final = 136
"""An item of a page, with its list of nested notifications."""
POINTER: Final = 8

_TEXT: Final = 57
_WIDE_TEXT: Final = 84


def of_text(text: str) -> int:
    """A text, including its UTF-8 if CPython keeps that beside it."""
    if text.isascii():
        return _TEXT + len(text)
    widest = max(text)
    width = 1 if widest <= "\xff" else 2 if widest <= "\uffff" else 4
    return _WIDE_TEXT + width * len(text) + len(text.encode(errors="replace"))


def of_feed(feed: Feed) -> int:
    """A decoded feed."""
    payloads = [payload for payload in feed.slots.values() if payload is not None]
    ids = (ID + INTERNED) * len(feed.slots)
    return FEED + getsizeof(feed.slots) + ids + BYTES * len(payloads) + sum(map(len, payloads))


def of_cursor(cursor: Cursor) -> int:
    """A cursor."""
    return CURSOR + of_text(cursor.key) + of_text(cursor.value)


def of_rule_map(book: RuleMap) -> int:
    """A rule map."""
    entries = (of_text(name) + 2 * ID + BYTES + len(entry.rule or b"") for name, entry in book.entries.items())
    return FEED + getsizeof(book.entries) + sum(entries)


def of_notification(one: Notification) -> int:
    """A decoded notification, with its id."""
    size = NOTIFICATION + ID + of_text(one.category) + of_text(one.message) + getsizeof(one.properties)
    if one.properties:
        size += sum(of_text(name) + of_text(value) for name, value in one.properties.items())
    return size if one.idempotency is None else size + IDEMPOTENCY


def of_items(items: Iterable[Item]) -> int:
    """The items of a page, without the notifications, which belong to the view."""
    return sum(ITEM + POINTER * len(item.nested) for item in items)
