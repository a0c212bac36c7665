"""`RiakClient`: requests to a Riak cluster, over pooled connections, with failover and a deadline."""

import random as randomness
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from notification.riak import riak_pb2 as pb
from notification.riak.cluster import Cluster
from notification.riak.dial import dialer
from notification.riak.health import Health
from notification.riak.messages import Call, Code, frame, ignore_body, make_call
from notification.riak.node import Node
from notification.riak.objects import (
    BucketProperties,
    Quorum,
    RiakContent,
    RiakMap,
    RiakObject,
    ServerInfo,
    quorum_number,
)
from notification.riak.observer import NULL_OBSERVER, NodeObserver
from notification.riak.options import Address, Options, SecurityCreds

R = TypeVar("R")


class RiakClient:
    """A client of one cluster. `nodes`: the address of each node, `host:port`. The client connects on first use.

    Buckets, keys, bucket types and values are bytes. `bucket_type` `None` or empty means Riak's default type. `r`,
    `pr`, `w`, `pw` and `dw` are quorums; `None` means the bucket's own.

    Every request raises `RiakUnavailable` if no node gives a usable reply within `options.deadline` seconds, and
    `RiakErrorResponse` if Riak refuses the request. With `node` (`host:port`), a method makes one attempt at that node,
    even if it is out of use, and raises `NodeUnavailable` if the attempt fails. A cancelled request closes its
    connection, and the outcome of a cancelled write is unknown.

    `random` returns 0 <= x < 1; it sets the pauses of probes and chooses between equally busy nodes. `observer` has the
    instrumentation hooks.

    Raises `ValueError` if `nodes` is empty or has an invalid address, and `OSError` if the certificates in
    `credentials` can't be read. Source of the protocol: Riak KV's "Protocol Buffers Client API".
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
        """The names of the nodes, `host:port`."""
        return tuple(self._cluster.nodes)

    @property
    def options(self) -> Options:
        """The limits of the client."""
        return self._options

    def set_admission(self, admit: Callable[[str], Awaitable[None]]) -> None:
        """Await `admit(name)` before a node returns to use. The node stays out of use if that raises `RiakError`."""
        self._admit = admit

    def down_reason(self, node: str) -> str | None:
        """Return why the node is out of use; `None` if it is in use. Raises `KeyError` for an unknown node."""
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
        """Return all siblings of a key; for a deleted key, only the vclock.

        `if_modified`: a vclock; while it equals the vclock of the key, the reply is `unchanged` and has no siblings.
        `head`: leave out the values.
        """
        request = pb.RpbGetReq(
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
        return await self._cluster.request(make_call(Code.GET_REQ, request, Code.GET_RESP, RiakObject.read))

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
        """Write a value that replaces the siblings covered by `vclock`; `None` covers none of them.

        The value, content type and content encoding of `content` are sent. With `return_head`, the result has the new
        vclock and all siblings without their values; otherwise it is empty.
        """
        request = pb.RpbPutReq(
            bucket=bucket,
            key=key,
            type=bucket_type or None,
            vclock=vclock,
            w=quorum_number(w),
            pw=quorum_number(pw),
            dw=quorum_number(dw),
            timeout=self._timeout,
        )
        if return_head:
            request.return_head = True
        _encode(content, request.content)
        return await self._cluster.request(make_call(Code.PUT_REQ, request, Code.PUT_RESP, RiakObject.read_put))

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
        """Delete the siblings covered by `vclock`, or all if it is `None`. An absent key is not an error."""
        request = pb.RpbDelReq(
            bucket=bucket,
            key=key,
            type=bucket_type or None,
            vclock=vclock,
            w=quorum_number(w),
            pw=quorum_number(pw),
            dw=quorum_number(dw),
            timeout=self._timeout,
        )
        await self._cluster.request(make_call(Code.DEL_REQ, request, Code.DEL_RESP, ignore_body))

    async def fetch_map(self, bucket: bytes, key: bytes, *, bucket_type: bytes) -> RiakMap:
        """Return a map, which is one of Riak's data types. Raises `NoBucketType` if `bucket_type` does not exist."""
        request = pb.DtFetchReq(bucket=bucket, key=key, type=bucket_type, timeout=self._timeout, include_context=False)
        return await self._cluster.request(make_call(Code.DT_FETCH_REQ, request, Code.DT_FETCH_RESP, RiakMap.read))

    async def list_keys(self, bucket: bytes, *, bucket_type: bytes | None = None, timeout: float = 60.0) -> list[bytes]:  # noqa: ASYNC109  # as in Riak
        """Return every key of a bucket, in no particular order.

        `timeout`: seconds; it replaces `request_timeout` and the deadline, because Riak scans the keys of all buckets.
        """
        request = pb.RpbListKeysReq(bucket=bucket, type=bucket_type or None, timeout=int(timeout * 1000))
        listing = Call(
            frame(Code.LIST_KEYS_REQ, request.SerializeToString()),
            Code.LIST_KEYS_RESP,
            read=lambda bodies: list(pb.RpbListKeysResp.FromString(bodies).keys),
            last=lambda body: pb.RpbListKeysResp.FromString(body).done,
            timeout=timeout,
        )
        return await self._cluster.request(listing, deadline=timeout)

    async def ping(self, node: str | None = None) -> None:
        """Return once a node replies. A starting node replies before it serves keys."""
        await self._send(make_call(Code.PING_REQ, None, Code.PING_RESP, ignore_body), node)

    async def server_info(self, node: str | None = None) -> ServerInfo:
        """Return the name and the version of a node."""
        return await self._send(
            make_call(Code.GET_SERVER_INFO_REQ, None, Code.GET_SERVER_INFO_RESP, ServerInfo.read), node
        )

    async def get_bucket(
        self, bucket: bytes, *, bucket_type: bytes | None = None, node: str | None = None
    ) -> BucketProperties:
        """Return the properties of a bucket as one node knows them; nodes exchange changes by gossip."""
        request = pb.RpbGetBucketReq(bucket=bucket, type=bucket_type or None)
        return await self._send(
            make_call(Code.GET_BUCKET_REQ, request, Code.GET_BUCKET_RESP, BucketProperties.read), node
        )

    async def get_bucket_type(self, bucket_type: bytes, *, node: str | None = None) -> BucketProperties:
        """Return the properties of a bucket type as one node knows them."""
        request = pb.RpbGetBucketTypeReq(type=bucket_type)
        return await self._send(
            make_call(Code.GET_BUCKET_TYPE_REQ, request, Code.GET_BUCKET_RESP, BucketProperties.read), node
        )

    async def set_allow_mult(self, bucket: bytes, *, node: str | None = None) -> None:
        """Make a bucket of the default type keep siblings. The change reaches the other nodes by gossip, in seconds."""
        request = pb.RpbSetBucketReq(bucket=bucket, props=pb.RpbBucketProps(allow_mult=True))
        await self._send(make_call(Code.SET_BUCKET_REQ, request, Code.SET_BUCKET_RESP, ignore_body), node)

    async def close(self) -> None:
        """Refuse new requests, wait for those in flight (at most their deadline), and close all connections."""
        await self._cluster.close()

    async def _send(self, request: Call[R], node: str | None) -> R:
        return await (self._cluster.request(request) if node is None else self._cluster.ask(node, request))

    async def _admitted(self, node: str) -> None:
        if self._admit is not None:
            await self._admit(node)


def _encode(content: RiakContent, message: pb.RpbContent) -> None:
    """Fill `message` in place, because a message that is passed to another message's constructor is copied."""
    message.value = content.value
    if content.content_type:
        message.content_type = content.content_type.encode("latin-1")
    if content.content_encoding:
        message.content_encoding = content.content_encoding.encode("latin-1")
