"""`RiakClient`: what the service asks of Riak, each request over pooled connections to many nodes."""

import random as randomness
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from notification.riak.cluster import Cluster
from notification.riak.dial import dialer
from notification.riak.health import Health
from notification.riak.messages import Code, Exchange, exchange, frame, nothing
from notification.riak.node import Node
from notification.riak.objects import BucketProperties, Quorum, RiakContent, RiakObject, ServerInfo, quorum_number
from notification.riak.observer import NULL_OBSERVER, NodeObserver
from notification.riak.options import Address, Options, SecurityCreds
from notification.riak.riak_pb2 import (
    RpbBucketProps,
    RpbContent,
    RpbDelReq,
    RpbGetBucketReq,
    RpbGetBucketTypeReq,
    RpbGetReq,
    RpbListKeysReq,
    RpbListKeysResp,
    RpbPutReq,
    RpbSetBucketReq,
)

R = TypeVar("R")


class RiakClient:
    """A cluster's nodes (`host:port` each) as one. It connects when it is first used, and never blocks the loop.

    Buckets, keys, bucket types and values are bytes, as Riak has them; an empty or absent `bucket_type` is Riak's
    default one. Every method raises `RiakUnavailable` where no node answers within the deadline, `RiakErrorResponse`
    where Riak refuses; those that are given a `node` ask only that one, in use or not, and raise `NodeUnavailable`.

    `random` (0 <= x < 1) decides when a node is probed and which of two is asked.
    `observer` hears of every try at every node.
    """

    def __init__(
        self,
        nodes: Sequence[str],
        *,
        credentials: SecurityCreds | None = None,
        options: Options | None = None,
        random: Callable[[], float] = randomness.random,
        observer: NodeObserver = NULL_OBSERVER,
    ) -> None:
        if not nodes:
            raise ValueError("a client needs at least one node")
        self._options = limits = options or Options()
        self._admit: Callable[[str], Awaitable[None]] | None = None
        self._timeout = int(limits.request_timeout * 1000)
        self._cluster = Cluster(
            [
                Node(
                    str(address),
                    dialer(address, limits, credentials),
                    limits,
                    Health(limits.first_pause, limits.longest_pause, random),
                    self._admitted,
                    observer,
                )
                for address in dict.fromkeys(map(Address.parse, nodes))
            ],
            limits,
            random,
        )

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes' names, `host:port`."""
        return tuple(self._cluster.nodes)

    @property
    def options(self) -> Options:
        """The limits it works within."""
        return self._options

    def admit_by(self, admit: Callable[[str], Awaitable[None]]) -> None:
        """Before a node that was out is used again, `admit` is awaited with its name; a `RiakError` forbids it."""
        self._admit = admit

    def out(self, node: str) -> str | None:
        """Why a node is not in use at present; None where it is."""
        return self._cluster.nodes[node].health.reason

    async def get(
        self,
        bucket: bytes,
        key: bytes,
        *,
        bucket_type: bytes | None = None,
        if_modified: bytes | None = None,
        head: bool = False,
        r: Quorum | None = None,
        pr: Quorum | None = None,
    ) -> RiakObject:
        """All siblings; of a deleted key the vclock. `if_modified`: a vclock, `unchanged` while it is the key's."""
        request = RpbGetReq(
            bucket=bucket,
            key=key,
            type=bucket_type or None,
            if_modified=if_modified,
            deletedvclock=True,
            r=quorum_number(r),
            pr=quorum_number(pr),
            timeout=self._timeout,
        )
        if head:
            request.head = True
        return await self._cluster.request(exchange(Code.GET_REQ, request, Code.GET_RESP, RiakObject.read))

    async def put(
        self,
        bucket: bytes,
        key: bytes,
        content: RiakContent,
        *,
        vclock: bytes | None = None,
        bucket_type: bytes | None = None,
        return_head: bool = False,
        w: Quorum | None = None,
        pw: Quorum | None = None,
        dw: Quorum | None = None,
    ) -> RiakObject:
        """Replace what `vclock` has seen. With `return_head` it tells the new vclock, and the siblings without values.

        Of `content` the value, type and encoding are sent.
        """
        request = RpbPutReq(
            bucket=bucket,
            key=key,
            type=bucket_type or None,
            vclock=vclock,
            content=RpbContent(
                value=content.value,
                content_type=content.content_type.encode("latin-1") or None,
                content_encoding=content.content_encoding.encode("latin-1") or None,
            ),
            w=quorum_number(w),
            pw=quorum_number(pw),
            dw=quorum_number(dw),
            timeout=self._timeout,
        )
        if return_head:
            request.return_head = True
        return await self._cluster.request(exchange(Code.PUT_REQ, request, Code.PUT_RESP, RiakObject.read_put))

    async def delete(
        self,
        bucket: bytes,
        key: bytes,
        *,
        vclock: bytes | None = None,
        bucket_type: bytes | None = None,
        w: Quorum | None = None,
        pw: Quorum | None = None,
        dw: Quorum | None = None,
    ) -> None:
        """Remove what `vclock` has seen; without one, whatever Riak finds."""
        request = RpbDelReq(
            bucket=bucket,
            key=key,
            type=bucket_type or None,
            vclock=vclock,
            w=quorum_number(w),
            pw=quorum_number(pw),
            dw=quorum_number(dw),
            timeout=self._timeout,
        )
        await self._cluster.request(exchange(Code.DEL_REQ, request, Code.DEL_RESP, nothing))

    async def list_keys(self, bucket: bytes, *, bucket_type: bytes | None = None, timeout: float = 60.0) -> list[bytes]:  # noqa: ASYNC109 - Riak's name for it, and Riak keeps it too
        """Every key of a bucket, in no order. `timeout`: seconds; Riak walks all keys of all buckets for it."""
        request = RpbListKeysReq(bucket=bucket, type=bucket_type or None, timeout=int(timeout * 1000))
        walk = Exchange(
            frame(Code.LIST_KEYS_REQ, request.SerializeToString()),
            Code.LIST_KEYS_RESP,
            read=lambda bodies: list(RpbListKeysResp.FromString(bodies).keys),
            last=lambda body: RpbListKeysResp.FromString(body).done,
            timeout=timeout,
        )
        return await self._cluster.request(walk, deadline=timeout)

    async def ping(self, node: str | None = None) -> None:
        """Whether a node answers at all. A starting one does, before it serves keys."""
        await self._send(exchange(Code.PING_REQ, None, Code.PING_RESP, nothing), node)

    async def server_info(self, node: str | None = None) -> ServerInfo:
        """A node's name and version."""
        return await self._send(
            exchange(Code.GET_SERVER_INFO_REQ, None, Code.GET_SERVER_INFO_RESP, ServerInfo.read), node
        )

    async def get_bucket(
        self, bucket: bytes, *, bucket_type: bytes | None = None, node: str | None = None
    ) -> BucketProperties:
        """A bucket's properties, as one node has them."""
        request = RpbGetBucketReq(bucket=bucket, type=bucket_type or None)
        return await self._send(
            exchange(Code.GET_BUCKET_REQ, request, Code.GET_BUCKET_RESP, BucketProperties.read), node
        )

    async def get_bucket_type(self, bucket_type: bytes, *, node: str | None = None) -> BucketProperties:
        """The properties that buckets of a type begin with, as one node has them."""
        request = RpbGetBucketTypeReq(type=bucket_type)
        return await self._send(
            exchange(Code.GET_BUCKET_TYPE_REQ, request, Code.GET_BUCKET_RESP, BucketProperties.read), node
        )

    async def set_allow_mult(self, bucket: bytes, *, node: str | None = None) -> None:
        """Let a bucket of the default type keep siblings. The other nodes hear of it by gossip, within seconds."""
        request = RpbSetBucketReq(bucket=bucket, props=RpbBucketProps(allow_mult=True))
        await self._send(exchange(Code.SET_BUCKET_REQ, request, Code.SET_BUCKET_RESP, nothing), node)

    async def close(self) -> None:
        """Let requests under way end (their deadlines bound that), then close every connection."""
        await self._cluster.close()

    async def _send(self, request: Exchange[R], node: str | None) -> R:
        return await (self._cluster.request(request) if node is None else self._cluster.ask(node, request))

    async def _admitted(self, node: str) -> None:
        if self._admit is not None:
            await self._admit(node)
