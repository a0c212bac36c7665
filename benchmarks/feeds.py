"""Deterministic feeds of realistic sizes."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

from notification.domain.idempotency import idempotency
from notification.domain.model import Notification
from notification.domain.payload import encode_notification
from notification.storage.embedded.store import EmbeddedStore
from siblings import FEED, Feed
from siblings.ksuid import NO_ID, next_id

CATEGORIES = ("like", "comment", "follow", "mention")
START = 1_795_336_684_000_000_000
"""The time of the first notification in nanoseconds since 1970; the others follow at intervals of a second."""


def make_feed(size: int, seed: int = 0, *, keyed: bool = False) -> Feed:
    """Make a feed of `size` notifications, in four categories by turns. `keyed`: each has its own idempotency key."""
    dice = random.Random(seed)
    slots: dict[str, bytes | None] = {}
    id_ = NO_ID
    for number in range(size):
        now = START + number * 1_000_000_000
        id_ = next_id(now, dice.randbytes(14), id_)
        message = f"Ada and {number} others liked your post about things"
        properties = {"post": str(number % 7), "actor": "ada"}
        notification = Notification(id_, CATEGORIES[number % 4], message, now // 1_000_000, properties)
        if keyed:
            hashes = idempotency(f"made-{number}", notification.category, message, properties)
            notification = replace(notification, idempotency=hashes)
        slots[id_] = encode_notification(notification)
    return Feed(NO_ID, slots)


async def fill(path: Path, feeds: dict[str, int]) -> None:
    """Write feeds into an embedded store. `feeds`: sizes by username; names that begin with `keyed` get keyed feeds."""
    store = EmbeddedStore(path)
    names = list(feeds)
    for start in range(0, len(names), 500):
        puts = (store.put("notifications", name, _encoded(name, feeds[name], seed), None)
                for seed, name in enumerate(names[start : start + 500]))  # fmt: skip
        await asyncio.gather(*puts)
    await store.close()


def _encoded(name: str, size: int, seed: int) -> bytes:
    return FEED.encode(make_feed(size, seed, keyed=name.startswith("keyed")))
