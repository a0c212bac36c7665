"""The interface of a store: keys in buckets, every concurrent value of a key, and causal contexts.

A store handles bytes and never interprets them. It follows Riak's model: a put replaces the values that its causal
context covers, and keeps all other values of the key next to the new one, as *siblings*. The reader merges siblings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

Context = bytes
"""An opaque causal context (a vclock in Riak). It states which values of a key its holder has read or replaced."""

PROBE: Final = "health check"
"""The key that health checks read and write. It contains a space, so it is not a valid username."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a store can do. Callers use this to choose the cheapest correct operation.

    `conditional_put`: the store refuses an `if_unchanged` put if the key has values that its context does not cover.
    `max_siblings`: number of siblings that a key can have before merging them is worth a write; 1 if extra siblings are
    always expensive. `reads_synchronously`: `fetch` never suspends, so concurrent fetches save no time.
    """

    conditional_put: bool = False
    max_siblings: int = 1
    reads_synchronously: bool = False


class Fetched(NamedTuple):
    """All siblings of a key, and the context that covers exactly these. If there are none, the key has no value."""

    values: tuple[bytes, ...]
    context: Context | None


class Stored(NamedTuple):
    """The result of a put: the context that covers all values of the key, and the number of siblings.

    `context` is `None` if the writer has not read all of the siblings. If it then had a context that covers them, its
    next put would drop the unread siblings.
    """

    context: Context | None
    siblings: int


class Store(Protocol):
    """A store of values, each at a key in a bucket.

    Every method raises `StoreUnavailable` if the store does not answer in time. Reads raise its subclass `Unread`.
    Writes raise its subclass `NotStored` if it is certain that nothing was stored. Every method raises `CorruptValue`
    if the stored data can't be read.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do. The value never changes."""

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        """Return all siblings, or `None` if nothing was written since the context `unless`.

        The result contains no tombstones, but its context covers them.
        """

    async def put(
        self,
        bucket: str,
        key: str,
        value: bytes,
        context: Context | None,
        *,
        as_sibling: bool = False,
        if_unchanged: bool = False,
    ) -> Stored:
        """Replace the values that `context` covers with `value`, and keep all others. Return once `value` is durable.

        `as_sibling`: replace nothing; `context` only states which values the writer has read. `if_unchanged`: if the
        key has values that `context` does not cover, store nothing and return a `Stored` without a context. Stores
        without the capability `conditional_put` ignore `if_unchanged`.
        """

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        """Remove the values that `context` covers. Values that were written concurrently are kept."""

    async def keys(self, bucket: str) -> list[str]:
        """Return every key of a bucket. Use this for maintenance only, because it scans the whole store."""

    async def health(self) -> Mapping[str, str | None]:
        """Map each part of the store (file or node) to the reason why it is unhealthy, or to `None`."""

    async def close(self) -> None:
        """Finish the calls that are under way and release every resource."""
