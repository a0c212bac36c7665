"""What a store is: keys in buckets, every concurrent value of a key, and contexts that say which of them were seen.

A store knows bytes and nothing of what they mean. Its model is Riak's: a put replaces the values that its causal
context has seen and leaves the others beside the new one, as *siblings*. Whoever reads siblings merges them.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

Context = bytes
"""An opaque causal context (Riak: a vclock): which values of a key its holder has read or replaced."""

PROBE: Final = "health check"
"""The key that health checks read and write. It is nobody's: usernames have no spaces."""


class Fetched(NamedTuple):
    """All siblings of a key (none: absent, or deleted), and the context that covers exactly them."""

    values: tuple[bytes, ...]
    context: Context | None


class Stored(NamedTuple):
    """What a put left: how many siblings there are now and, where the writer knows all of them, the context that covers
    them.

    Else there is no context: one that covered values which the writer never read would let its next put drop them.
    """

    context: Context | None
    siblings: int


class Store(Protocol):
    """One way to keep values.

    Every method raises `StoreUnavailable` where the store gives no answer in time: reads `Unread`, writes `NotStored`
    where it is certain that nothing was kept. Where what is stored can't be read, it raises `CorruptValue`.

    `siblings_kept`: how many siblings of a key may lie there before merging them is worth a write; 1: none beside
    the value. `answers_at_once`: whether a fetch never waits, so that two of them need not be asked for together.
    `puts_alone`: whether a put that has to be alone is refused where it is not.
    """

    siblings_kept: int
    answers_at_once: bool
    puts_alone: bool

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        """All siblings; `None` when nothing was written since `unless`. Tombstones are left out, their context kept."""

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
        """Replace what `context` has seen with `value`, keep the rest as siblings. Returns once it is durable.

        `as_sibling`: replace nothing; `context` then only tells what the writer knows already. `if_unchanged`: store nothing where
        there is something that `context` has not seen, which the reply then tells; only where the store `puts_alone`.
        """

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        """Remove what `context` has seen; values written concurrently stay."""

    async def keys(self, bucket: str) -> list[str]:
        """Every key of a bucket. For maintenance only: it costs a walk over the whole store."""

    async def health(self) -> Mapping[str, str | None]:
        """Each part of the store (file, node) and why it is unhealthy, `None` where it is healthy."""

    async def close(self) -> None:
        """Finish what is under way and let go of every resource."""
