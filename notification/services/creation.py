"""Creates notifications in feeds, at most one per idempotency key, even if several processes get the key at once.

A store with conditional puts accepts only the first of concurrent puts. On Riak, two processes can each store an entry
before either sees the other's entry. Of two concurrent puts, at least one returns siblings. The process that receives
the siblings has not replied yet, so it can still withdraw its entry. It does so at once, unless its entry has the
lowest id. In that case, it waits for the other processes to withdraw their entries. If another entry remains, the
process that made the entry saw no siblings and has already replied with it. So the process whose entry has the lowest
id withdraws its own entry.
"""

import asyncio
from collections.abc import Iterable
from typing import Final, NamedTuple

from notification.domain.content import Content
from notification.domain.drafts import Draft
from notification.domain.errors import KeyReused, after_a_write
from notification.domain.idempotency import Idempotency, idempotency, made_under
from notification.domain.model import Notification
from notification.domain.payload import encode_notification
from notification.services.ids import IdGenerator, IdSeed
from notification.services.observer import NULL_OBSERVER, ServiceObserver
from notification.services.sightings import Sightings
from notification.storage.bucket import Bucket, Change
from siblings import Feed
from siblings.feed import WINDOW, addition, removal
from siblings.ksuid import NO_ID

QUIET_PERIOD: Final = 1.0
"""Seconds without a change after which no more withdrawals are expected. A put usually takes a small fraction of this
time. If it takes longer, a reply can contain an entry that is replaced later. One notification always stays visible."""
POLL_INTERVAL: Final = 0.04
"""Seconds between two reads of the remaining entries during the wait."""


class Created(NamedTuple):
    """A stored notification. `replayed`: whether an earlier request with the same key created it. `trimmed`: number of
    notifications that it pushed out of the window."""

    notification: Notification
    replayed: bool = False
    trimmed: int = 0


class _Found(NamedTuple):
    """The entries of a feed with one idempotency key, lowest id first, and the entry of this request, if any."""

    entries: list[Notification]
    mine: Created | None

    @property
    def ids(self) -> list[str]:
        return [notification.id for notification in self.entries]

    @property
    def own(self) -> str:
        """The id of the entry of this request; `NO_ID` without one."""
        return self.mine.notification.id if self.mine else NO_ID


class Creation:
    """Creates notifications in `feeds`. Raises `StoreUnavailable` if the store does not reply in time."""

    def __init__(
        self, feeds: Bucket[Feed], id_generator: IdGenerator, observer: ServiceObserver = NULL_OBSERVER
    ) -> None:
        self._feeds = feeds
        self._id_generator = id_generator
        self._observer = observer
        self._sightings = Sightings()

    async def create(self, username: str, draft: Draft | Content, key: str | None = None) -> Created:
        """Add a new notification to the feed and return it once the store has acknowledged it.

        If an earlier request had the same idempotency `key`, return the notification of that request. Raises
        `KeyReused` if that request had another body.
        """
        if key is None:
            created = await self._feeds.update(username, _add(draft, self._id_generator.draw()))
        else:
            hashes = idempotency(key, draft.category, draft.message, draft.properties)
            created = await self._create_once(username, draft, hashes)
        if not created.replayed:
            self._observer.created(1)
            if created.trimmed:
                self._observer.trimmed(created.trimmed)
        return created

    def may_be_withdrawn(self, username: str, ids: Iterable[str]) -> bool:
        """Whether the process that made one of these entries might still withdraw it."""
        return not self._feeds.capabilities.conditional_put and self._sightings.may_be_withdrawn(username, ids)

    async def _create_once(self, username: str, draft: Draft | Content, hashes: Idempotency) -> Created:
        while True:
            change = _add_once(draft, self._id_generator.draw(), hashes)
            found = await self._feeds.update(username, change, if_unchanged=True)
            if found.ids != [found.own] and self.may_be_withdrawn(username, found.ids):
                with after_a_write():
                    found = await self._await_winner(username, hashes.key, found)
            if found.entries:
                if not self._feeds.capabilities.conditional_put:
                    self._sightings.settle(username, found.ids[0])
                return _winner(found, hashes)

    async def _await_winner(self, username: str, key: bytes, found: _Found) -> _Found:
        """Wait until no more withdrawals are expected, and return the remaining entries. There can be none."""
        now = asyncio.get_running_loop().time
        since = now()
        while found.entries and found.ids != [found.own]:
            quiet = (now() - since) / QUIET_PERIOD
            if found.own in found.ids and (quiet >= 1 or found.own != found.ids[0]):
                await self._withdraw(username, found.own)
            elif found.own not in found.ids and self._is_decided(username, found, quiet):
                break
            else:
                await asyncio.sleep(POLL_INTERVAL)
            before, found = found, _Found(made_under(await self._feeds.read(username), key), found.mine)
            since = since if found.ids == before.ids else now()
        return found

    def _is_decided(self, username: str, found: _Found, quiet: float) -> bool:
        """Whether this process, which has no entry of its own, may reply with the entry that has the lowest id.

        This process waits longer than the process that made the entry, because that process might still withdraw it.
        If none of the remaining entries can be withdrawn, for example because this process has already replied with
        one, it does not wait.
        """
        return quiet >= len(found.entries) or not self.may_be_withdrawn(username, found.ids)

    async def _withdraw(self, username: str, id_: str) -> None:
        await self._feeds.update(username, lambda feed, before: (removal([id_]), None))


def _winner(found: _Found, hashes: Idempotency) -> Created:
    """Return the entry with the lowest id. Raises `KeyReused` if that entry has another body."""
    winner = found.entries[0]
    if winner.idempotency != hashes:
        raise KeyReused("The idempotency key was used for another body")
    return found.mine if found.mine and found.own == winner.id else Created(winner, replayed=True)


def _add(draft: Draft | Content, seed: IdSeed, hashes: Idempotency | None = None) -> Change[Feed, Created]:
    def change(feed: Feed, before: Created | None) -> tuple[Feed, Created]:
        created = before
        if created is None or created.notification.id <= feed.floor:
            id_ = seed.above(feed.newest)
            new = Notification(id_, draft.category, draft.message, seed.milliseconds, draft.properties, hashes)
            created = Created(new, trimmed=int(len(feed.slots) >= WINDOW))
        return addition(created.notification.id, encode_notification(created.notification)), created

    return change


def _add_once(draft: Draft | Content, seed: IdSeed, hashes: Idempotency) -> Change[Feed, _Found]:
    add = _add(draft, seed, hashes)

    def change(feed: Feed, before: _Found | None) -> tuple[Feed, _Found]:
        mine = before.mine if before else None
        entries = made_under(feed, hashes.key)
        if entries:
            return Feed(), _Found(entries, mine)
        delta, created = add(feed, mine)
        return delta, _Found([created.notification], created)

    return change
