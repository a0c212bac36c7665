"""A put: one replica coordinates it, the others take what that made of it; and a delete, which puts a tombstone."""

import asyncio
import time
from functools import partial

from notification.riak.riak_pb2 import RpbContent, RpbDelReq, RpbPutReq
from tests.riak_standin import dvv
from tests.riak_standin.conflict import Objects
from tests.riak_standin.errors import RiakError
from tests.riak_standin.members import Members
from tests.riak_standin.quorum import Quorum, Replies, deadline, for_write
from tests.riak_standin.reads import ask_all, read
from tests.riak_standin.ring import Key, Place


async def write(members: Members, at: int, key: Key, request: RpbPutReq) -> Objects:
    """Store a client's content. Returns what the replicas that acknowledged it have, once these are enough."""
    context = read_vclock(request.vclock)
    return await _write(members, at, key, request, _stamped(members, request.content), context)


async def delete(members: Members, at: int, key: Key, request: RpbDelReq) -> None:
    """Put a tombstone over what the client has seen or, where it does not say, over what there is."""
    context = await _seen(members, at, key, request)
    if context is None:
        return
    tombstone = _stamped(members, RpbContent(value=b"", deleted=True))
    await _write(members, at, key, request, tombstone, context)
    # This is what lets the tombstone go: reading it from all replicas, as Riak's own delete does.
    ask_all(members, at, key, members.preference(at, key, members.properties(at, key).n_val))


def read_vclock(vclock: bytes) -> dvv.Context:
    """A client's vclock. Raises `RiakError` for bytes that no node ever gave out."""
    try:
        return dvv.decode(vclock)
    except ValueError as wrong:
        raise RiakError("Error processing incoming message: error:badarg", closes=True) from wrong


async def _seen(members: Members, at: int, key: Key, request: RpbDelReq) -> dvv.Context | None:
    if request.HasField("vclock"):
        return read_vclock(request.vclock)
    found = await read(members, at, key, request)
    return found.context if found else None


async def _write(
    members: Members, at: int, key: Key, request: RpbPutReq | RpbDelReq, content: RpbContent, context: dvv.Context
) -> Objects:
    properties = members.properties(at, key)
    quorum = for_write(request, properties)
    sloppy = request.sloppy_quorum or not request.HasField("sloppy_quorum")
    places = members.preference(at, key, quorum.n, sloppy=sloppy)
    quorum.check(places, "w")
    async with deadline(request, members.timing.request):
        replies: Replies[Objects] = Replies(len(places))
        await _coordinate(members, at, key, content, context, places, replies)
        await replies.wait(partial(_enough, replies, quorum))
    acknowledged = members.merged([objects for _, objects in replies.answers], properties)
    assert acknowledged
    members.record.saw(key, len(acknowledged.values))
    return acknowledged


async def _coordinate(
    members: Members,
    at: int,
    key: Key,
    content: RpbContent,
    context: dvv.Context,
    places: list[Place],
    replies: Replies[Objects],
) -> None:
    """Have one vnode, here where possible, make the new version, and send it to the others."""
    coordinator = next((place for place in places if place.node == at), places[0])
    made: asyncio.Future[Objects] = asyncio.get_running_loop().create_future()
    by = members.properties(coordinator.node, key)

    def answered(objects: Objects) -> None:
        if not made.done():
            made.set_result(objects)

    members.ask(at, coordinator, lambda vnode: vnode.coordinate(key, content, context, by), answered)
    objects = await made
    replies.add(coordinator, objects)
    for place in places:
        if place is not coordinator:
            members.store(at, place, key, objects, partial(replies.add, place))


def _enough(replies: Replies[Objects], quorum: Quorum) -> bool:
    return len(replies.answers) >= quorum.need and replies.primaries() >= quorum.primaries


def _stamped(members: Members, content: RpbContent) -> RpbContent:
    """A copy with what a node adds to every content."""
    stamped = RpbContent()
    stamped.CopyFrom(content)
    stamped.vtag = b"%032x" % members.random.getrandbits(128)
    stamped.last_mod, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    stamped.last_mod_usecs = nanoseconds // 1000
    return stamped
