"""Lets clients repeat creates. For this, a notification stores hashes of its idempotency key and of its body.

The hashes are part of the feed, so keys survive restarts, replicate and merge without a store of their own. If two
processes each store a notification with the same key, every reader shows only the notification with the lower id.
"""

from collections.abc import Sequence, Set
from hashlib import blake2b
from operator import itemgetter
from typing import Final, NamedTuple

from notification.domain.model import Notification
from notification.domain.payload import HASH_SIZE, KEY_HASH, decode_notification, is_keyed, key_hash
from siblings import WINDOW, Feed
from siblings.ksuid import NO_ID

MAX_INDEXED: Final = 2 * WINDOW
"""Maximum number of hashes in an index. A larger index is rebuilt to drop the keys that have left the feed."""
_bytes_at_key_hash: Final = itemgetter(KEY_HASH)


class Idempotency(NamedTuple):
    """The hashes of an idempotency key and of the body sent with it."""

    key: bytes
    body: bytes


class KeyIndex(NamedTuple):
    """The hashes of the idempotency keys in a feed, up to the id `newest`.

    A merge that only appends slots passes the index on, so that several versions of a feed share one set of hashes. The
    set can therefore hold hashes that are not in this feed, which costs a search in vain. It never misses one that is.
    """

    hashes: set[bytes]
    newest: str


def idempotency(key: str, category: str, message: str, properties: dict[str, str]) -> Idempotency:
    """Hash a client's key and a validated body."""
    body = repr((category, message, sorted(properties.items())))
    return Idempotency(_digest(key), _digest(body))


def made_under(feed: Feed, key: bytes) -> list[Notification]:
    """Return the live notifications whose idempotency key has the hash `key`, oldest first. Raises `DecodeError`.

    Readers show only the first of them. No other notification is decoded.
    """
    if key not in _known_keys(feed):
        return []
    return [
        decode_notification(id_, payload)
        for id_, payload in feed.slots.items()
        if payload is not None and key_hash(payload) == key
    ]


def repeats(feed: Feed, keys: Set[bytes]) -> frozenset[str]:
    """Return the ids of the notifications that are hidden because an older notification has the same key.

    `keys`: the hashes of the keys to check. No notification is decoded.
    """
    found = list(filter(keys.__contains__, map(_bytes_at_key_hash, filter(None, feed.slots.values()))))
    if len(found) == len(set(found)):
        return frozenset()  # no key occurs twice
    oldest: dict[bytes | None, str] = {}
    keyed = [(id_, key_hash(payload)) for id_, payload in feed.slots.items() if payload is not None]
    return frozenset(id_ for id_, key in keyed if key in keys and oldest.setdefault(key, id_) != id_)


def without_repeats(notifications: Sequence[Notification]) -> Sequence[Notification]:
    """Return `notifications` (newest first) with only the oldest of those that share an idempotency key."""
    oldest = {item.idempotency[0]: item.id for item in notifications if item.idempotency is not None}
    if not oldest:
        return notifications
    return [item for item in notifications if item.idempotency is None or oldest[item.idempotency[0]] == item.id]


def _known_keys(feed: Feed) -> Set[bytes]:
    """Return the hashes of all keys in the feed, and of some that have left it. It reads only slots not indexed yet."""
    index = feed.notes
    if not isinstance(index, KeyIndex) or len(index.hashes) > MAX_INDEXED:
        index = KeyIndex(set(), NO_ID)
    if index.newest != feed.newest:
        index.hashes.update(payload[KEY_HASH] for payload in feed.after(index.newest) if payload and is_keyed(payload))
        feed.annotate(KeyIndex(index.hashes, feed.newest))
    return index.hashes


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=HASH_SIZE).digest()
