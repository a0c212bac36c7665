"""The store on Riak KV. It uses Riak's own siblings, and its contexts are Riak's vclocks."""

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
"""Timeout of a health check's ping, in seconds."""

T = TypeVar("T")

Translate = Callable[[bytes], bytes]
"""Converts a value with another content type to the format that this program writes. Raises `ValueError`."""

_MSGPACK = "application/msgpack"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class RiakStore:
    """Keeps values in the buckets of one bucket type; `""` or `default` selects buckets without a type.

    `content_types`: the content type that is stored with the values of each bucket, for other tools that read them;
    msgpack by default. A value that is compressed with zstd gets the content encoding `zstd`. `translate`: maps the
    content types of other programs to functions that convert their values. `r`, `pr`, `w`, `pw`, `dw`: quorums that
    override those of the bucket.

    Before the first request for a bucket is sent to a node, the bucket's properties are checked on that node; see
    `start`.
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
        """Check the properties of `buckets` on every node that answers. Without a bucket type, set `allow_mult`.

        Return the nodes that did not answer. These can be all nodes, because a service may start before Riak does. They
        are checked before their first use. Raises `StoreMisconfigured` with the faults and the command that corrects
        them.
        """
        return await _translated(self._guard.start(buckets))

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        """Return all siblings, or `None` if nothing was written since `unless`. This takes one round trip.

        If a put was repeated on another node, the key can have identical siblings. All of them are returned, so that
        the reader knows that it has to write back one value.
        """
        reply = await _translated(self._get(bucket, key, unless), Unread)
        # Riak reports `unchanged` only for a key with a value. For a key that is still deleted, the vclock is the same.
        if reply.unchanged or (unless is not None and reply.vclock == unless and not reply.siblings):
            return None
        values = tuple(self._value(bucket, key, content) for content in reply.siblings if not content.deleted)
        return Fetched(values, reply.vclock)

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
        """Put a value; see `Store.put`. This takes one round trip. Tombstones do not count as siblings.

        The store ignores `if_unchanged`, because Riak checks the condition on one node before it writes. Two
        concurrent puts could both pass this check.
        """
        if not self._guard.is_ready(bucket):
            await _translated(self._guard.ready(bucket), NotStored)
        reply = await _translated(self._put(bucket, key, value, None if as_sibling else context))
        siblings = sum(not content.deleted for content in reply.siblings)
        return Stored(reply.vclock if siblings == 1 else None, siblings)

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        """Remove what `context` covers. Without a context, do nothing; Riak itself would remove every value."""
        if context is not None:
            await _translated(self._guard.ready(bucket), NotStored)
            await _translated(self._delete(bucket, key, context))

    async def keys(self, bucket: str) -> list[str]:
        """Return every key of a bucket. If a key is not UTF-8, its invalid bytes are returned as surrogate escapes."""
        await _translated(self._guard.ready(bucket), Unread)
        keys = await _translated(self._client.list_keys(_raw(bucket), bucket_type=self._type), Unread)
        return [key.decode("utf-8", "surrogateescape") for key in keys]

    async def fetch_map(self, bucket_type: str, bucket: str, key: str) -> RiakMap:
        """Return a map of another program; empty if the map or its bucket type does not exist. Raises `StoreError`."""
        try:
            return await _translated(
                self._client.fetch_map(_raw(bucket), _raw(key), bucket_type=bucket_type.encode()), Unread
            )
        except StoreError as error:
            if isinstance(error.__cause__, NoBucketType):
                return RiakMap({}, {})
            raise

    async def health(self) -> Mapping[str, str | None]:
        """Ping all nodes (`host:port`) concurrently; see `Store.health`.

        A node that answers still has a reason if the client does not use it at present.
        """
        nodes = self._client.nodes
        return dict(zip(nodes, await asyncio.gather(*map(self._problem, nodes)), strict=True))

    async def close(self) -> None:
        """Wait for the requests that are under way, at most until their deadlines, and close every connection."""
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

    `unavailable`: the exception to raise if no node answers. The default is `StoreUnavailable` if a node may have
    received the request, and `NotStored` otherwise.
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
