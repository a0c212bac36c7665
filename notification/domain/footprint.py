"""How much memory kept values take, in bytes: what the caches are bounded by.

Estimates from the sizes of CPython's objects; a test holds them to what a process really takes. Each is the same
whenever it is made of the same object, so that what was added for it can be subtracted again: `sys.getsizeof` of a text
that is not ASCII is not, as its UTF-8 is kept with it once it was rendered.
"""

from collections.abc import Iterable
from sys import getsizeof
from typing import Final

from notification.domain.model import Notification
from notification.domain.timeline import Item
from siblings import Cursor, Feed, RuleMap

ID: Final = 80
"""An id's text."""
INTERNED: Final = 40
"""The place of a text among those that the interpreter shares: msgpack has it share the keys of maps."""
BYTES: Final = 41
"""A `bytes` object without its content, rounded up to what is allocated."""
CURSOR: Final = 64
FEED: Final = 64
NOTIFICATION: Final = 112
"""A notification and its time, without its texts and its id."""
IDEMPOTENCY: Final = 184
VIEW: Final = 400
PAGE: Final = 1200
"""A page without items, the range that it was asked for with, and the one that follows it."""
MARK: Final = 230
"""A group that is named in the range that follows a page."""
ITEM: Final = 136
"""A line of a page, and the list of what is nested under it."""
POINTER: Final = 8

_TEXT: Final = 57
_WIDE_TEXT: Final = 84


def of_text(text: str) -> int:
    """A text, its UTF-8 included where that is kept beside it."""
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


def of_rulebook(book: RuleMap) -> int:
    """A rule book."""
    entries = (of_text(name) + 2 * ID + BYTES + len(entry.rule or b"") for name, entry in book.entries.items())
    return FEED + getsizeof(book.entries) + sum(entries)


def of_notification(one: Notification) -> int:
    """A decoded notification, its id included."""
    size = NOTIFICATION + ID + of_text(one.category) + of_text(one.message) + getsizeof(one.properties)
    if one.properties:
        size += sum(of_text(name) + of_text(value) for name, value in one.properties.items())
    return size if one.idempotency is None else size + IDEMPOTENCY


def of_items(items: Iterable[Item]) -> int:
    """The lines of a page; the notifications themselves are the view's."""
    return sum(ITEM + POINTER * len(item.nested) for item in items)
