"""The store on Riak KV: its siblings are our siblings, its vclocks our contexts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, TypeVar

from notification.domain.errors import CorruptValue, NotStored, StoreError, StoreMisconfigured, StoreUnavailable, Unread
from notification.riak.client import RiakClient
from notification.riak.errors import BucketMisconfigured, NodeUnavailable, RiakError, RiakUnavailable, SecurityError
from notification.riak.guard import BucketGuard
from notification.riak.objects import Quorum, RiakContent, RiakObject
from notification.storage.store import Capabilities, Context, Fetched, Stored

HEALTH_TIMEOUT: Final = 3.0
"""Seconds that a node may take to answer a ping."""

T = TypeVar("T")

Translate = Callable[[bytes], bytes]
"""From a value of another content type to a value as we write it; `ValueError` where it can't be read."""

_MSGPACK = "application/msgpack"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class RiakStore:
    """Keeps values in the buckets of one bucket type; `""` or `default`: in buckets without a type.

    `content_types`: what each bucket's values are, for other tools that read them; msgpack where nothing is said.
    A value that is compressed with zstd says so in its content encoding. `translate`: content type to what reads it,
    for values that others wrote. `r`, `pr`, `w`, `pw`, `dw`: quorums, where the bucket's own are not right.

    No bucket is used before its properties were checked on the nodes that take its requests; see `start`.
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

        Returns the nodes that did not answer, all of them maybe: a service may start before its Riak. They are
        checked before they are first used, and a bucket that no node could be asked about before its first use.
        Raises `StoreMisconfigured`, which says what is wrong and the command that mends it.
        """
        return await _translated(self._guard.start(buckets))

    async def fetch(self, bucket: str, key: str, unless: Context | None = None) -> Fetched | None:
        """One round trip; it brings no value where nothing was written since `unless`.

        Identical siblings (a put that was repeated on another node) are all there, so that whoever merges them sees
        that there is something to write back.
        """
        found = await _translated(self._get(bucket, key, unless), Unread)
        # Riak says `unchanged` of values only: a key that is still deleted answers its vclock again.
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
        """One round trip. Tombstones beside the value do not count: they hold nothing that could be lost.

        Riak can't put `if_unchanged`: its own conditions look at one node, and before they write.
        """
        await _translated(self._guard.ready(bucket), NotStored)
        found = await _translated(self._put(bucket, key, value, None if as_sibling else context))
        siblings = sum(not content.deleted for content in found.siblings)
        return Stored(found.vclock if siblings == 1 else None, siblings)

    async def delete(self, bucket: str, key: str, context: Context | None) -> None:
        """Without a context nothing was seen, so nothing is removed (Riak by itself would remove whatever there is)."""
        if context is not None:
            await _translated(self._guard.ready(bucket), NotStored)
            await _translated(self._delete(bucket, key, context))

    async def keys(self, bucket: str) -> list[str]:
        """Keys that are not UTF-8, which we never write, come with surrogate escapes, as file names do."""
        await _translated(self._guard.ready(bucket), Unread)
        keys = await _translated(self._client.list_keys(_raw(bucket), bucket_type=self._type), Unread)
        return [key.decode("utf-8", "surrogateescape") for key in keys]

    async def health(self) -> Mapping[str, str | None]:
        """Each node (`host:port`): pinged, all at once; a node that answers and is not used yet says why."""
        nodes = self._client.nodes
        return dict(zip(nodes, await asyncio.gather(*map(self._ailment, nodes)), strict=True))

    async def close(self) -> None:
        """Finish what is under way, within its deadline, and close every connection."""
        await self._guard.close()
        await self._client.close()

    async def _get(self, bucket: str, key: str, unless: Context | None) -> RiakObject:
        await self._guard.ready(bucket)
        return await self._client.get(
            _raw(bucket), _raw(key), bucket_type=self._type, if_modified=unless, r=self._r, pr=self._pr
        )

    async def _put(self, bucket: str, key: str, value: bytes, context: Context | None) -> RiakObject:
        encoding = "zstd" if value.startswith(_ZSTD_MAGIC) else ""
        return await self._client.put(
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
            raise CorruptValue(bucket, key) from error

    async def _ailment(self, node: str) -> str | None:
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT):
                await self._client.ping(node)
        except RiakError as error:
            return str(error)
        except TimeoutError:
            return f"no answer within {HEALTH_TIMEOUT} s"
        return self._client.out(node)


async def _translated(answer: Awaitable[T], unavailable: type[StoreUnavailable] | None = None) -> T:
    """`unavailable`: what no answer means; by default it is about a write, and depends on whether that was sent."""
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
