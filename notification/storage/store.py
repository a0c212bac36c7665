"""The interface of a store: keys in buckets, every concurrent value of a key, and causal contexts.

A store handles bytes and never interprets them. The model is Riak's: a put replaces the values that its causal context
covers and keeps all others next to the new one, as *siblings*. The reader of siblings merges them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

Context = bytes
"""An opaque causal context (a vclock in Riak): which values of a key its holder has read or replaced."""

PROBE: Final = "health check"
"""The key that health checks read and write. It contains a space, so it is not a valid username."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a store can do. Its callers use this to choose the cheapest correct way.

    `conditional_put`: the store refuses an `if_unchanged` put that would meet values outside its context.
    `max_siblings`: number of siblings that a key may keep before merging them is worth a write; 1 if additional
    siblings are never cheap. `reads_synchronously`: `fetch` never suspends, so concurrent fetches save no time.
    """

    conditional_put: bool = False
    max_siblings: int = 1
    reads_synchronously: bool = False


class Fetched(NamedTuple):
    """All siblings of a key (empty if it is absent or deleted), and the context that covers exactly these."""

    values: tuple[bytes, ...]
    context: Context | None


class Stored(NamedTuple):
    """The result of a put: the context that covers all values of the key, and the number of siblings.

    `context` is `None` if the writer does not know all of the siblings: with a context that covers unread values, the
    next put would drop them.
    """

    context: Context | None
    siblings: int


class Store(Protocol):
    """A store of values, each at a key in a bucket.

    Every method raises `StoreUnavailable` if the store does not answer in time: `Unread` from reads, `NotStored` from
    writes that certainly left no trace. Every method raises `CorruptValue` if the stored data can't be read.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do. Constant."""

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        """Return all siblings, or `None` if nothing was written since `unless`.

        Tombstones are not returned as values; the context covers them.
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
        """Replace the values that `context` covers with `value`, and keep the others. Return once `value` is durable.

        `as_sibling`: replace nothing; `context` only states which values the writer knows. `if_unchanged`: store
        nothing if the key has values that `context` does not cover, and return `Stored` without a context; only stores
        with the capability `conditional_put` do this, others ignore it.
        """

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        """Remove the values that `context` covers. Values that were written concurrently stay."""

    async def keys(self, bucket: str) -> list[str]:
        """Return every key of a bucket. For maintenance only: the call scans the whole store."""

    async def health(self) -> Mapping[str, str | None]:
        """Map each part of the store (file or node) to the reason why it is unhealthy, or to `None`."""

    async def close(self) -> None:
        """Finish the calls that are under way and release every resource."""
