"""Creates that may be repeated: the entry in the feed itself remembers under which key it was made, and of what.

So no second store is needed, and what holds for feeds holds for keys: they survive restarts, replicate, and merge.
Two processes that both stored an entry for one key leave two; the lower id is the one that counts, everywhere.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from notification.domain.model import Notification
from notification.domain.payload import decode_notification
from siblings import Feed

DIGEST = 16
"""Bytes of each hash: 128 bits, as many as make a UUID."""


class Idempotency(NamedTuple):
    """What an entry remembers: hashes of the key and of the body it came with."""

    key: bytes
    body: bytes


def idempotency(key: str, category: str, message: str, properties: dict[str, str]) -> Idempotency:
    """From a caller's key and a checked body."""
    body = repr((category, message, sorted(properties.items())))
    return Idempotency(_digest(key), _digest(body))


def made_under(feed: Feed, key: bytes) -> list[Notification]:
    """The live entries of a feed that were made under a key, the one that counts first.

    Bytes are searched before any are decoded: of a thousand payloads, one or none is.
    """
    candidates = ((id_, payload) for id_, payload in feed.slots.items() if payload is not None and key in payload)
    decoded = (decode_notification(id_, payload) for id_, payload in candidates)
    return [one for one in decoded if one.idempotency is not None and one.idempotency[0] == key]


def without_repeats(notifications: Sequence[Notification]) -> Sequence[Notification]:
    """`notifications` (newest first), of those made under one key only the one that counts."""
    counting = {one.idempotency[0]: one.id for one in notifications if one.idempotency is not None}
    if not counting:
        return notifications
    return [one for one in notifications if one.idempotency is None or counting[one.idempotency[0]] == one.id]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=DIGEST).digest()
