"""Add notifications whose time is in the past. Their ids, which contain the time, determine their place in the feed.

They are merged in the same way as any other change, so a service can run on the same store meanwhile.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from notification.domain.model import Notification
from notification.domain.payload import decode_notification, encode_notification, is_keyed
from notification.services.ids import IdSeed
from notification.storage.bucket import Bucket, Change
from siblings import FEED, Feed
from siblings.ksuid import NO_ID, RANDOM_BYTES


async def add_history(feeds: Bucket[Feed], username: str, past: Iterable[Notification]) -> Sequence[str]:
    """Add notifications to a feed, unless their idempotency key is already in it.

    Returns the ids of the notifications from `past` that the feed contains afterwards. For an idempotency key that was
    already in the feed, the id is that of the existing notification.

    New ids are made from `created_at`. Notifications below the feed's floor or outside its window are omitted. Raises
    `StoreUnavailable` and `CorruptValue`.
    """
    entries = [_identified(notification) for notification in past]
    return await feeds.update(username, _addition(entries), if_unchanged=True)


def _identified(notification: Notification) -> Notification:
    seed = IdSeed(notification.created_at * 1_000_000, os.urandom(RANDOM_BYTES))
    return replace(notification, id=seed.above(NO_ID))


def _addition(entries: Sequence[Notification]) -> Change[Feed, Sequence[str]]:
    keys = {entry.idempotency[0] for entry in entries if entry.idempotency}

    def change(feed: Feed, before: Sequence[str] | None) -> tuple[Feed, Sequence[str]]:
        known = {key: id_ for id_, key in _keyed(feed) if key in keys}
        new = [entry for entry in entries if entry.idempotency is None or entry.idempotency[0] not in known]
        delta = Feed.of(NO_ID, {entry.id: encode_notification(entry) for entry in new})
        slots = FEED.merge(feed, delta).slots
        return delta, sorted(id_ for id_ in [*known.values(), *delta.slots] if id_ in slots)

    return change


def _keyed(feed: Feed) -> Iterable[tuple[str, bytes]]:
    """Yield the id and the idempotency key of every notification that has one."""
    for id_, payload in feed.live():
        notification = decode_notification(id_, payload) if is_keyed(payload) else None
        if notification is not None and notification.idempotency is not None:
            yield id_, notification.idempotency[0]
