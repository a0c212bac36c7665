"""The store on Riak KV. Siblings are Riak's siblings, contexts are its vclocks."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, TypeVar

from notification.domain.errors import CorruptValue, NotStored, StoreError, StoreMisconfigured, StoreUnavailable, Unread
from notification.riak.client import RiakClient
from notification.riak.errors import (
    BucketMisconfigured,
    NoBucketType,
    NodeUnavailable,
    RiakError,
    RiakUnavailable,
    SecurityError,
)
from notification.riak.guard import BucketGuard
from notification.riak.objects import Quorum, RiakContent, RiakMap, RiakObject
from notification.storage.store import Capabilities, Context, Fetched, Stored

HEALTH_TIMEOUT: Final = 3.0
"""Timeout of a ping, in seconds."""

T = TypeVar("T")

Translate = Callable[[bytes], bytes]
"""Converts a value of another content type to the format that this program writes. Raises `ValueError`."""

_MSGPACK = "application/msgpack"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class RiakStore:
    """Keeps values in the buckets of one bucket type; `""` or `default` selects buckets without a type.

    `content_types`: the content type of each bucket's values, for other tools that read them; msgpack by default.
    A value that is compressed with zstd has the content encoding `zstd`. `translate`: functions by content type that
    convert values of other programs. `r`, `pr`, `w`, `pw`, `dw`: quorums that override those of the bucket.

    A bucket is used only after its properties were checked on the nodes that receive its requests; see `start`.
    """

    capabilities: Final = Capabilities()

    def __init__(
        self,
        client: RiakClient,
        *,
        bucket_type: str = "",
        content_types: Mapping[str, str] | None = None,
        translate: Mapping[str, Translate] | None = None,
        r: Quorum | None = None,
        pr: Quorum | None = None,
        w: Quorum | None = None,
        pw: Quorum | None = None,
        dw: Quorum | None = None,
    ) -> None:
        named = "" if bucket_type == "default" else bucket_type
        self._client = client
        self._type = named.encode()
        self._guard = BucketGuard(client, named)
        self._content_types = dict(content_types or {})
        self._translate = dict(translate or {})
        self._r, self._pr = r, pr
        self._w, self._pw, self._dw = w, pw, dw

    async def start(self, buckets: Iterable[str]) -> tuple[str, ...]:
        """Check the properties of `buckets` on every node that answers; without a bucket type, set `allow_mult`.

        Returns the nodes that did not answer, possibly all: a service may start before its Riak. These are checked
        before their first use. Raises `StoreMisconfigured` with the faults and the command that corrects them.
        """
        return await _translated(self._guard.start(buckets))

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        """Return all siblings, or `None` if nothing was written since `unless`. One round trip.

        Identical siblings (of a put that was repeated on another node) are all returned, so that the reader knows
        that it has to write back one value.
        """
        found = await _translated(self._get(bucket, key, unless), Unread)
        # Riak reports `unchanged` for values only: for a key that is still deleted, it returns the same vclock.
        if found.unchanged or (unless is not None and found.vclock == unless and not found.siblings):
            return None
        values = tuple(self._value(bucket, key, content) for content in found.siblings if not content.deleted)
        return Fetched(values, found.vclock)

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
        """Put a value; see `Store.put`. One round trip. Tombstones do not count as siblings: they hold no data.

        Ignores `if_unchanged`: Riak checks conditions on one node before the write, so concurrent puts could both pass.
        """
        if not self._guard.is_ready(bucket):
            await _translated(self._guard.ready(bucket), NotStored)
        found = await _translated(self._put(bucket, key, value, None if as_sibling else context))
        siblings = sum(not content.deleted for content in found.siblings)
        return Stored(found.vclock if siblings == 1 else None, siblings)

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        """Remove what `context` covers; nothing without a context (Riak itself would remove every value)."""
        if context is not None:
            await _translated(self._guard.ready(bucket), NotStored)
            await _translated(self._delete(bucket, key, context))

    async def keys(self, bucket: str) -> list[str]:
        """Return every key of a bucket. Keys of other programs that are not UTF-8 have surrogate escapes."""
        await _translated(self._guard.ready(bucket), Unread)
        keys = await _translated(self._client.list_keys(_raw(bucket), bucket_type=self._type), Unread)
        return [key.decode("utf-8", "surrogateescape") for key in keys]

    async def fetch_map(self, bucket_type: str, bucket: str, key: str) -> RiakMap:
        """Return a map of another program, empty if it or its bucket type does not exist. Raises `StoreError`."""
        try:
            return await _translated(
                self._client.fetch_map(_raw(bucket), _raw(key), bucket_type=bucket_type.encode()), Unread
            )
        except StoreError as error:
            if isinstance(error.__cause__, NoBucketType):
                return RiakMap({}, {})
            raise

    async def health(self) -> Mapping[str, str | None]:
        """Ping all nodes (`host:port`) concurrently. A node that answers but is not in use has a reason, too."""
        nodes = self._client.nodes
        return dict(zip(nodes, await asyncio.gather(*map(self._problem, nodes)), strict=True))

    async def close(self) -> None:
        """Finish the requests that are under way, within their deadlines, and close every connection."""
        await self._guard.close()
        await self._client.close()

    async def _get(self, bucket: str, key: str, unless: Context | None) -> RiakObject:
        if not self._guard.is_ready(bucket):
            await self._guard.ready(bucket)
        return await self._client.get(
            _raw(bucket), _raw(key), bucket_type=self._type, if_modified=unless, r=self._r, pr=self._pr
        )

    def _put(self, bucket: str, key: str, value: bytes, context: Context | None) -> Awaitable[RiakObject]:
        encoding = "zstd" if value.startswith(_ZSTD_MAGIC) else ""
        return self._client.put(
            _raw(bucket),
            _raw(key),
            RiakContent(value, self._content_types.get(bucket, _MSGPACK), encoding),
            vclock=context,
            bucket_type=self._type,
            return_head=True,
            w=self._w,
            pw=self._pw,
            dw=self._dw,
        )

    async def _delete(self, bucket: str, key: str, context: Context) -> None:
        await self._client.delete(
            _raw(bucket), _raw(key), vclock=context, bucket_type=self._type, w=self._w, pw=self._pw, dw=self._dw
        )

    def _value(self, bucket: str, key: str, content: RiakContent) -> bytes:
        translate = self._translate.get(content.content_type)
        if translate is None:
            return content.value
        try:
            return translate(content.value)
        except ValueError as error:
            raise CorruptValue(bucket, key, f"does not decode ({error})") from error

    async def _problem(self, node: str) -> str | None:
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT):
                await self._client.ping(node)
        except RiakError as error:
            return str(error)
        except TimeoutError:
            return f"no answer within {HEALTH_TIMEOUT} s"
        return self._client.down_reason(node)


async def _translated(answer: Awaitable[T], unavailable: type[StoreUnavailable] | None = None) -> T:
    """Await a call of the client and translate its errors.

    `unavailable`: the exception to raise if no node answers. By default, `StoreUnavailable` if the request may have
    reached a node, otherwise `NotStored`.
    """
    try:
        return await answer
    except RiakUnavailable as error:
        raise (unavailable or (StoreUnavailable if error.sent else NotStored))(str(error)) from error
    except NodeUnavailable as error:
        raise (unavailable or StoreUnavailable)(str(error)) from error
    except (BucketMisconfigured, SecurityError) as error:
        raise StoreMisconfigured(str(error)) from error
    except RiakError as error:
        raise StoreError(str(error)) from error


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
