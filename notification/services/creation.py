"""Putting notifications into feeds, each once: also where its key comes through several processes at the same time.

A store that puts alone decides between them by itself. On Riak two processes may each store an entry before they see
the other's. Nobody was told of a second one: of two puts at least one meets the other, and who meets another has not
answered yet. It withdraws its own, unless that is the lowest, which waits for the others to go; one that stays belongs
to somebody who was alone when he answered, and then the lowest goes, too.
"""

import asyncio
import time
from dataclasses import replace
from typing import Final, NamedTuple

from notification.domain.drafts import Draft
from notification.domain.errors import KeyReused, after_a_write
from notification.domain.idempotency import Idempotency, idempotency, made_under
from notification.domain.model import Notification
from notification.domain.payload import encode_notification
from notification.services.ids import IdGenerator, IdSeed
from notification.services.observer import NULL_OBSERVER, ServiceObserver
from notification.storage.bucket import Bucket, Change
from siblings import Feed
from siblings.feed import WINDOW, addition, removal
from siblings.ksuid import NO_ID

YOUNG: Final = 3000
"""Milliseconds for which an entry may still be withdrawn by its maker. Who finds an older one need not wait."""
STILL: Final = 1.0
"""Seconds without a change after which nobody is about to withdraw: many times what a put takes. Where one takes
longer, a reply may tell of an entry that another one then replaces; there is one nevertheless."""
LOOKS: Final = 0.04
"""Seconds between two looks at who is left."""


class Created(NamedTuple):
    """A notification that the store has. `replayed`: it was made by an earlier request with the same key. `trimmed`:
    how many left the window for it."""

    notification: Notification
    replayed: bool = False
    trimmed: int = 0


class _Found(NamedTuple):
    """What is in a feed under a key, the lowest id first, and what this request has made, if it is among them."""

    made: list[Notification]
    mine: Created | None

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.made]

    @property
    def own(self) -> str:
        """The id of what this request has made."""
        return self.mine.notification.id if self.mine else NO_ID


class Creator:
    """Creates notifications in `feeds`. Raises `StoreUnavailable` where the store gives no answer in time."""

    def __init__(
        self, feeds: Bucket[Feed], id_generator: IdGenerator, observer: ServiceObserver = NULL_OBSERVER
    ) -> None:
        self._feeds = feeds
        self._id_generator = id_generator
        self._observer = observer

    async def create(self, username: str, draft: Draft, key: str | None = None) -> Created:
        """Put a new notification on top of the feed; returned once the store has it.

        With an idempotency `key` that was used before, what was made then is returned. Raises `KeyReused` where it
        was used for another body.
        """
        if key is None:
            created = await self._feeds.update(username, _add(*self._new(draft)))
        else:
            hashes = idempotency(key, draft.category, draft.message, draft.properties)
            created = await self._create_once(username, draft, hashes)
        if not created.replayed:
            self._observer.created(1)
            if created.trimmed:
                self._observer.trimmed(created.trimmed)
        return created

    def is_young(self, notification: Notification) -> bool:
        """Whether its maker may still withdraw it."""
        age = self._id_generator.milliseconds() - notification.created_at
        return not self._feeds.capabilities.conditional_put and age < YOUNG

    def _new(self, draft: Draft, hashes: Idempotency | None = None) -> tuple[Notification, IdSeed]:
        draw = self._id_generator.draw()
        return Notification(NO_ID, draft.category, draft.message, draw.milliseconds, draft.properties, hashes), draw

    async def _create_once(self, username: str, draft: Draft, hashes: Idempotency) -> Created:
        while True:
            change = _add_once(*self._new(draft, hashes), hashes)
            found = await self._feeds.update(username, change, if_unchanged=True)
            if found.ids != [found.own] and any(map(self.is_young, found.made)):
                with after_a_write():
                    found = await self._settled(username, hashes.key, found)
            if found.made:
                return _counting(found, hashes)

    async def _settled(self, username: str, key: bytes, found: _Found) -> _Found:
        """What is left once nobody is about to withdraw; nothing, where all have."""
        since = time.monotonic()
        while found.made and found.ids != [found.own]:
            still = (time.monotonic() - since) / STILL
            if found.own in found.ids and (still >= 1 or found.own != found.ids[0]):
                await self._withdraw(username, found.own)
            elif still >= len(found.made):  # later than the lowest one's maker, whom he would else contradict
                break
            else:
                await asyncio.sleep(LOOKS)
            before, found = found, _Found(made_under(await self._feeds.read(username), key), found.mine)
            since = since if found.ids == before.ids else time.monotonic()
        return found

    async def _withdraw(self, username: str, id_: str) -> None:
        await self._feeds.update(username, lambda feed, before: (removal([id_]), None))


def _counting(found: _Found, hashes: Idempotency) -> Created:
    """What a request is told. Raises `KeyReused`."""
    counting = found.made[0]
    if counting.idempotency != hashes:
        raise KeyReused("The idempotency key was used for another body")
    return found.mine if found.mine and found.own == counting.id else Created(counting, replayed=True)


def _add(new: Notification, draw: IdSeed) -> Change[Feed, Created]:
    payload = encode_notification(new)

    def change(feed: Feed, before: Created | None) -> tuple[Feed, Created]:
        if before is not None and before.notification.id > feed.floor:
            return addition(before.notification.id, payload), before
        created = Created(replace(new, id=draw.above(feed.newest)), trimmed=int(len(feed.slots) >= WINDOW))
        return addition(created.notification.id, payload), created

    return change


def _add_once(new: Notification, draw: IdSeed, hashes: Idempotency) -> Change[Feed, _Found]:
    add = _add(new, draw)

    def change(feed: Feed, before: _Found | None) -> tuple[Feed, _Found]:
        mine = before.mine if before else None
        made = made_under(feed, hashes.key)
        if made:
            return Feed(), _Found(made, mine)
        delta, created = add(feed, mine)
        return delta, _Found([created.notification], created)

    return change
