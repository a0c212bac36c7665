"""A process that fills one cache to its bound several times over, and prints by how many bytes it grew.

`python -m tests.storage.filling <cache> <values> <bound>`
"""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from resource import getpagesize

from notification.domain.model import Notification
from notification.domain.payload import encode_notification
from notification.domain.ranges import Range
from notification.http.compression import MIN_SIZE
from notification.http.rendered_pages import RenderedPages
from notification.runtime.app import make_buckets
from notification.runtime.config import CacheSize, Config
from notification.services.cursor_names import CursorNames
from notification.services.cursors import Cursors, cursor_key
from notification.services.ids import IdGenerator
from notification.services.inbox import Inbox
from notification.services.rules import RulesService
from notification.storage.bucket import Bucket
from notification.storage.store import Capabilities, Context, Fetched
from siblings import CURSOR, FEED, Cursor, Feed
from siblings.ksuid import NO_ID, encode
from tests.watched_store import WatchedStore

TIMES = 2
"""How many times the bound is filled. The memory of evicted values must be freed, too."""


def usual(number: int) -> Notification:
    return Notification(encode(number), "like", f"Ada liked your post {number}", 0, {"post": str(number)})


def full(number: int) -> Notification:
    properties = {f"property-{n}": f"{number:09} " * 11 for n in range(32)}
    return Notification(encode(number), "comment", "x" * 255, 0, properties, (number.to_bytes(16), b"b" * 16))


def emoji(number: int) -> Notification:
    return Notification(encode(number), "like", "😀 " + "Ada liked your post" * 12, 0, {"text": f"{number} é" * 20})


FEEDS: dict[str, list[Notification]] = {
    "one": [usual(1)],
    "usual": [usual(number) for number in range(1, 1001)],
    "full": [full(number) for number in range(1, 1001)],
    "emoji": [emoji(number) for number in range(1, 201)],
}
RANGES = {"one": 1, "usual": 1, "full": 16, "emoji": 4}


class Generated(WatchedStore):
    """A store that holds nothing. It makes each value from its key, which contains the number of the user."""

    capabilities = Capabilities(conditional_put=True, max_siblings=32, reads_synchronously=True)

    def __init__(self, values: str) -> None:
        super().__init__(self)
        self._values = values
        self._payloads = [encode_notification(one) for one in FEEDS.get(values, ())]

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        if unless is not None:
            return None
        if bucket == "rules" or (bucket == "cursors" and self._values in FEEDS):
            return Fetched((), None)
        if bucket == "cursors":
            return Fetched((CURSOR.encode(Cursor(key, key[:9].zfill(27))),), b"c" * 12)
        slots: dict[str, bytes | None] = {
            f"{key}{number:018}": payload for number, payload in enumerate(self._payloads)
        }
        return Fetched((FEED.encode(Feed(NO_ID, slots)),), b"c" * 12)


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()


async def read_feed(feeds: Bucket[Feed], user: int) -> int:
    feed = await feeds.read(f"{user:09}")
    return 200 + sum(100 + len(payload) for _, payload in feed.live())


async def read_cursor(cursors: Bucket[Cursor], user: int, padding: str) -> int:
    await cursors.read(cursor_key(f"{user:09}{padding}", "notifications" + padding))
    return 500 + 2 * len(padding)


async def read_pages(inbox: Inbox, rendered: RenderedPages, user: int, ranges: int) -> int:
    read = 0
    for number in range(ranges):
        page = await inbox.page(f"{user:09}", Range(max=20 + number), mark_seen=False)
        plain = rendered.plain(f"{user:09}", page)
        read += 2000 + len(plain.body)
        if len(plain.body) >= MIN_SIZE:
            read += 1000 + len((await rendered.gzip(f"{user:09}", page)).body)
    return read + (await inbox.view(f"{user:09}")).decoded


async def main(cache: str, values: str, bound: int) -> None:
    """Fill `cache`. The other caches hold nothing, and are measured separately."""
    sizes = {"feeds": 0, "views": 0, "cursors": 0, cache: bound}
    config = Config(cache=CacheSize.model_validate({name: f"{size} B" for name, size in sizes.items()}))
    feeds, cursors, rules, names = make_buckets(Generated(values), config)
    id_generator = IdGenerator()
    named = Cursors(cursors, CursorNames(names, id_generator))
    inbox = Inbox(feeds, named, RulesService(rules, {}, 600, id_generator), id_generator, config.cache.views)
    rendered = RenderedPages(inbox)
    reads: dict[str, Callable[[int], Awaitable[int]]] = {
        "feeds": lambda user: read_feed(feeds, user),
        "cursors": lambda user: read_cursor(cursors, user, "x" * 119 if values == "long" else ""),
        "views": lambda user: read_pages(inbox, rendered, user, RANGES[values]),
    }
    user, left = 1, TIMES * bound
    await reads[cache](0)  # memory that every process takes for its first value does not belong to the cache
    before = resident()
    while left > 0:
        left -= await reads[cache](user)
        user += 1
    print(resident() - before)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
