"""A put, which one replica coordinates and the others copy; and a delete, which puts a tombstone."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial

from notification.riak.riak_pb2 import RpbContent, RpbDelReq, RpbPutReq
from tests.riak_standin import dvv
from tests.riak_standin.conflict import Objects
from tests.riak_standin.errand import Errand
from tests.riak_standin.errors import RiakError
from tests.riak_standin.quorum import Quorum, Replies, deadline, for_write
from tests.riak_standin.reads import ask_all, read
from tests.riak_standin.ring import Place
from tests.riak_standin.vnode import Vnode


async def write(errand: Errand, request: RpbPutReq) -> Objects:
    """Store a client's content. Returns the merged values of the acknowledging replicas once they form a quorum."""
    return await _put(errand, request, request.content, read_vclock(request.vclock))


async def delete(errand: Errand, request: RpbDelReq) -> None:
    """Put a tombstone over what the client's vclock covers; without a vclock, over everything."""
    context = await _seen(errand, request)
    if context is None:
        return
    await _put(errand, request, RpbContent(value=b"", deleted=True), context)
    # Riak's delete reads the tombstone from all replicas, which lets them reap it.
    ask_all(errand, errand.members.preference(errand.at, errand.key, errand.properties.n_val))


def read_vclock(vclock: bytes) -> dvv.Context:
    """Decode a client's vclock. Raises `RiakError` for bytes that no node produced."""
    try:
        return dvv.decode(vclock)
    except ValueError as wrong:
        raise RiakError("Error processing incoming message: error:badarg", closes=True) from wrong


async def _seen(errand: Errand, request: RpbDelReq) -> dvv.Context | None:
    if request.HasField("vclock"):
        return read_vclock(request.vclock)
    found = await read(errand, request)
    return found.context if found else None


async def _put(errand: Errand, request: RpbPutReq | RpbDelReq, content: RpbContent, context: dvv.Context) -> Objects:
    quorum = for_write(request, errand.properties)
    places = errand.places(quorum, request)
    quorum.check(places, "w")
    async with deadline(request, errand.members.timing.request):
        coordinator, objects = await _coordinated(errand, places, _stamped(errand, content), context)
        replies: Replies[Objects] = Replies(len(places))
        replies.add(coordinator, objects)
        for place in places:
            if place is not coordinator:
                errand.store(place, objects, partial(replies.add, place))
        await replies.wait(partial(_enough, replies, quorum))
    return errand.merged(objects for _, objects in replies.answers) or objects


async def _coordinated(
    errand: Errand, places: Sequence[Place], content: RpbContent, context: dvv.Context
) -> tuple[Place, Objects]:
    """Create the new version at one vnode, on this node if possible."""
    coordinator = next((place for place in places if place.node == errand.at), places[0])
    by = errand.members.properties(coordinator.node, errand.key)
    made: asyncio.Future[Objects] = asyncio.get_running_loop().create_future()

    def make(vnode: Vnode) -> Objects:
        return vnode.coordinate(errand.key, content, context, by)

    errand.ask(coordinator, make, lambda objects: None if made.done() else made.set_result(objects))
    return coordinator, await made


def _enough(replies: Replies[Objects], quorum: Quorum) -> bool:
    return len(replies.answers) >= quorum.need and replies.primaries() >= quorum.primaries


def _stamped(errand: Errand, content: RpbContent) -> RpbContent:
    """Copy a content and add the fields that a node sets."""
    stamped = RpbContent()
    stamped.CopyFrom(content)
    stamped.vtag = b"%032x" % errand.members.random.getrandbits(128)
    stamped.last_mod, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    stamped.last_mod_usecs = nanoseconds // 1000
    return stamped
