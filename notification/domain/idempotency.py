"""Makes creates repeatable: each entry in a feed stores hashes of its idempotency key and of its body.

No second store is needed: keys survive restarts, replicate and merge as feeds do. If two processes store an entry
under one key, every reader counts only the one with the lower id.
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
    """The hashes of an idempotency key and of the body sent with it."""

    key: bytes
    body: bytes


def idempotency(key: str, category: str, message: str, properties: dict[str, str]) -> Idempotency:
    """Hash a client's key and a validated body."""
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
    """Return the ids that a lower id under the same one of `keys` supersedes. Decodes nothing."""
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
