"""The handlers of a node: decode each request, execute it, encode the reply."""

from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError, Message

from notification.riak import riak_pb2 as pb
from tests.riak_standin import dvv
from tests.riak_standin.conflict import Objects, is_deleted
from tests.riak_standin.errand import Errand
from tests.riak_standin.errors import RiakError, malformed
from tests.riak_standin.listing import list_keys
from tests.riak_standin.members import Members
from tests.riak_standin.properties import UNTYPED, Properties, changed, to_message
from tests.riak_standin.quorum import deadline
from tests.riak_standin.reads import read
from tests.riak_standin.ring import Key
from tests.riak_standin.wire import Reply, error, frame
from tests.riak_standin.writes import delete, read_vclock, write

SERVER_VERSION = b"3.2.2p1-nhse"

_KEYS_PER_MESSAGE = 100


class Requests:
    """Answers the requests that reach one node."""

    def __init__(self, members: Members, at: int) -> None:
        self._members = members
        self._at = at
        self._node = members.nodes[at]

    async def answer(self, code: int, body: bytes) -> Reply:
        """Execute a request and return its reply."""
        route = ROUTES.get(code)
        if route is None:
            return error(b"Unknown message code: %d" % code)
        try:
            return Reply(await route.handle(self, _parsed(route, body)))
        except RiakError as wrong:
            return error(wrong.text, closes=wrong.closes)

    async def ping(self, _: None) -> bytes:
        """Reply to a ping."""
        return frame(2)

    async def server_info(self, _: None) -> bytes:
        """Return the name and the version of the node."""
        return frame(8, pb.RpbGetServerInfoResp(node=self._node.name.encode(), server_version=SERVER_VERSION))

    async def get(self, request: pb.RpbGetReq) -> bytes:
        """Return the values of a key, or the part that the request asks for."""
        objects = await read(self._errand(request), request)
        return frame(10, self._found(objects, request) if objects else pb.RpbGetResp())

    async def put(self, request: pb.RpbPutReq) -> bytes:
        """Store a value; without a key in the request, the node generates one."""
        made = None if request.HasField("key") else b"%032x" % self._members.random.getrandbits(128)
        request.key = made or request.key
        self._node.counts.values_received += len(request.content.value)
        await self._check_condition(request)
        objects = await write(self._errand(request), request)
        response = pb.RpbPutResp(key=made)
        if request.return_body or request.return_head:
            response.vclock = dvv.encode(objects.context)
            response.content.extend(self._contents(objects, head=not request.return_body))
        return frame(12, response)

    async def delete(self, request: pb.RpbDelReq) -> bytes:
        """Delete a key by writing a tombstone."""
        await delete(self._errand(request), request)
        return frame(14)

    async def keys(self, request: pb.RpbListKeysReq) -> bytes:
        """List all keys of a bucket in several messages."""
        bucket = _bucket(request)
        n = self._of_bucket(bucket).n_val
        async with deadline(request, self._members.timing.request):
            keys = await list_keys(self._members, self._at, bucket, n)
        parts = [keys[start : start + _KEYS_PER_MESSAGE] for start in range(0, len(keys), _KEYS_PER_MESSAGE)]
        messages = chain((pb.RpbListKeysResp(keys=part) for part in parts), [pb.RpbListKeysResp(done=True)])
        return b"".join(frame(18, message) for message in messages)

    async def get_bucket(self, request: pb.RpbGetBucketReq) -> bytes:
        """Return a bucket's properties as this node knows them."""
        return frame(20, pb.RpbGetBucketResp(props=to_message(self._of_bucket(_bucket(request)))))

    async def set_bucket(self, request: pb.RpbSetBucketReq) -> bytes:
        """Change a bucket's properties at this node; the others learn them by gossip."""
        bucket = _bucket(request)
        self._members.set_properties(self._at, bucket, changed(self._of_bucket(bucket), request.props))
        return frame(22)

    async def get_type(self, request: pb.RpbGetBucketTypeReq) -> bytes:
        """Return the properties of a bucket type."""
        properties = self._node.book.of_type(request.type)
        if properties is None:
            raise RiakError(b'Invalid bucket type: <<"%b">>' % request.type)
        return frame(20, pb.RpbGetBucketResp(props=to_message(properties)))

    async def fetch_map(self, request: pb.DtFetchReq) -> bytes:
        """Return a map as it was put there. A map does not have siblings."""
        if self._members.maps_denied:
            raise RiakError(b"Permission denied: User 'notification' does not have 'riak_kv.get' on %b" % request.type)
        if self._node.book.of_type(request.type) is None:
            raise RiakError(b'Error no bucket type `<<"%b">>`' % request.type)
        key = Key(request.type, request.bucket, request.key)
        return frame(81, pb.DtFetchResp.FromString(self._members.maps.get(key, b"\x10\x03")))

    def _found(self, objects: Objects, request: pb.RpbGetReq) -> pb.RpbGetResp:
        vclock = dvv.encode(objects.context)
        if is_deleted(objects):
            return pb.RpbGetResp(vclock=vclock if request.deletedvclock else None)
        if request.HasField("if_modified") and read_vclock(request.if_modified) == objects.context:
            return pb.RpbGetResp(unchanged=True)
        return pb.RpbGetResp(content=self._contents(objects, head=request.head), vclock=vclock)

    def _contents(self, objects: Objects, *, head: bool) -> list[pb.RpbContent]:
        contents = list(objects.values.values())
        if head:
            return [_without_value(content) for content in contents]
        self._node.counts.values_sent += sum(len(content.value) for content in contents)
        return contents

    async def _check_condition(self, request: pb.RpbPutReq) -> None:
        """Check the conditions by a read before the write. As in Riak, two concurrent writers may both pass."""
        if not (request.if_none_match or request.if_not_modified):
            return
        plain = pb.RpbGetReq(bucket=request.bucket, key=request.key, type=request.type)
        objects = await read(self._errand(plain), plain)
        exists = objects is not None and not is_deleted(objects)
        if request.if_none_match and exists:
            raise RiakError("match_found")
        if request.if_not_modified and not exists:
            raise RiakError("notfound")
        if request.if_not_modified and objects and read_vclock(request.vclock) != objects.context:
            raise RiakError("modified")

    def _errand(self, request: Any) -> Errand:
        bucket = _bucket(request)
        if not request.key:
            raise RiakError("Key cannot be zero-length")
        return Errand(self._members, self._at, Key(*bucket, request.key))

    def _of_bucket(self, bucket: tuple[bytes, bytes]) -> Properties:
        properties = self._node.book.of_bucket(*bucket)
        if properties is None:
            raise RiakError(b"No bucket-type named '%b'" % bucket[0])
        return properties


class Route(NamedTuple):
    """The name, the decoder and the handler of a request."""

    kind: str
    message: type[Message] | None
    handle: Callable[[Requests, Any], Awaitable[bytes]]


ROUTES = {
    1: Route("ping", None, Requests.ping),
    7: Route("server_info", None, Requests.server_info),
    9: Route("get", pb.RpbGetReq, Requests.get),
    11: Route("put", pb.RpbPutReq, Requests.put),
    13: Route("delete", pb.RpbDelReq, Requests.delete),
    17: Route("keys", pb.RpbListKeysReq, Requests.keys),
    19: Route("get_bucket", pb.RpbGetBucketReq, Requests.get_bucket),
    21: Route("set_bucket", pb.RpbSetBucketReq, Requests.set_bucket),
    31: Route("get_type", pb.RpbGetBucketTypeReq, Requests.get_type),
    80: Route("dt_fetch", pb.DtFetchReq, Requests.fetch_map),
}


def kind(code: int) -> str:
    """The name of a request in the counters."""
    return ROUTES[code].kind if code in ROUTES else {253: "authenticate", 255: "start_tls"}.get(code, "unknown")


def _parsed(route: Route, body: bytes) -> Message | None:
    if route.message is None:
        return None
    try:
        return route.message.FromString(body)
    except DecodeError as wrong:
        raise malformed(route.message.__name__, body) from wrong


def _bucket(request: Any) -> tuple[bytes, bytes]:
    if not request.bucket:
        raise RiakError("Bucket cannot be zero-length")
    return request.type or UNTYPED, request.bucket


def _without_value(content: pb.RpbContent) -> pb.RpbContent:
    head = pb.RpbContent()
    head.CopyFrom(content)
    head.value = b""
    return head
