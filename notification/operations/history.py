"""Add notifications with a time in the past: each goes to its place by time in the feed.

They are merged in the same way as every change, so a service can run on the same store meanwhile.
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
    entries = [_identified(one) for one in past]
    return await feeds.update(username, _addition(entries), if_unchanged=True)


def _identified(one: Notification) -> Notification:
    seed = IdSeed(one.created_at * 1_000_000, os.urandom(RANDOM_BYTES))
    return replace(one, id=seed.above(NO_ID))


def _addition(entries: Sequence[Notification]) -> Change[Feed, Sequence[str]]:
    keys = {one.idempotency[0] for one in entries if one.idempotency}

    def change(feed: Feed, before: Sequence[str] | None) -> tuple[Feed, Sequence[str]]:
        known = {key: id_ for id_, key in _keyed(feed) if key in keys}
        new = [one for one in entries if one.idempotency is None or one.idempotency[0] not in known]
        delta = Feed.of(NO_ID, {one.id: encode_notification(one) for one in new})
        slots = FEED.merge(feed, delta).slots
        return delta, sorted(id_ for id_ in [*known.values(), *delta.slots] if id_ in slots)

    return change


def _keyed(feed: Feed) -> Iterable[tuple[str, bytes]]:
    """Yield the id and the idempotency key of every notification that has one."""
    for id_, payload in feed.live():
        one = decode_notification(id_, payload) if is_keyed(payload) else None
        if one is not None and one.idempotency is not None:
            yield id_, one.idempotency[0]
