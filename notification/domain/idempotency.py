"""Creates that may be repeated: the entry in the feed itself remembers under which key it was made, and of what.

So no second store is needed, and what holds for feeds holds for keys: they survive restarts, replicate, and merge.
Two processes that both stored an entry for one key leave two; the lower id is the one that counts, everywhere.
"""

from collections.abc import Sequence, Set
from hashlib import blake2b
from operator import itemgetter
from typing import Final, NamedTuple

from notification.domain.model import Notification
from notification.domain.payload import HASH_SIZE, KEY_HASH, decode_notification, key_hash
from siblings import Feed

_cut: Final = itemgetter(KEY_HASH)


class Idempotency(NamedTuple):
    """What an entry remembers: hashes of the key and of the body it came with."""

    key: bytes
    body: bytes


def idempotency(key: str, category: str, message: str, properties: dict[str, str]) -> Idempotency:
    """From a caller's key and a checked body."""
    body = repr((category, message, sorted(properties.items())))
    return Idempotency(_digest(key), _digest(body))


def made_under(feed: Feed, key: bytes) -> list[Notification]:
    """The live entries of a feed that were made under a key, the one that counts first. Raises `DecodeError`.

    A thousand payloads are compared at one place each, and none is decoded but those that are returned.
    """
    if key not in map(_cut, filter(None, feed.slots.values())):
        return []
    return [
        decode_notification(id_, payload)
        for id_, payload in feed.slots.items()
        if payload is not None and key_hash(payload) == key
    ]


def repeats(feed: Feed, keys: Set[bytes]) -> frozenset[str]:
    """Ids in a feed that do not count, as a lower one was made under the same one of `keys`. Nothing is decoded."""
    if sum(map(keys.__contains__, map(_cut, filter(None, feed.slots.values())))) <= len(keys):
        return frozenset()  # each is there once
    counting: dict[bytes | None, str] = {}
    keyed = [(id_, key_hash(payload)) for id_, payload in feed.slots.items() if payload is not None]
    return frozenset(id_ for id_, key in keyed if key in keys and counting.setdefault(key, id_) != id_)


def without_repeats(notifications: Sequence[Notification]) -> Sequence[Notification]:
    """`notifications` (newest first), of those made under one key only the one that counts."""
    counting = {one.idempotency[0]: one.id for one in notifications if one.idempotency is not None}
    if not counting:
        return notifications
    return [one for one in notifications if one.idempotency is None or counting[one.idempotency[0]] == one.id]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=HASH_SIZE).digest()
