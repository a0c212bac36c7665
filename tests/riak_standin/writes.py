"""A put: one replica coordinates it, the others take what that made of it; and a delete, which puts a tombstone."""

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
    """Store a client's content. Returns what the replicas that acknowledged it have, once these are enough."""
    return await _put(errand, request, request.content, read_vclock(request.vclock))


async def delete(errand: Errand, request: RpbDelReq) -> None:
    """Put a tombstone over what the client has seen or, where it does not say, over what there is."""
    context = await _seen(errand, request)
    if context is None:
        return
    await _put(errand, request, RpbContent(value=b"", deleted=True), context)
    # This is what lets the tombstone go: reading it from all replicas, as Riak's own delete does.
    ask_all(errand, errand.members.preference(errand.at, errand.key, errand.properties.n_val))


def read_vclock(vclock: bytes) -> dvv.Context:
    """A client's vclock. Raises `RiakError` for bytes that no node ever gave out."""
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
    """Have one vnode, on this node where possible, make the new version."""
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
    """A copy with what a node adds to every content."""
    stamped = RpbContent()
    stamped.CopyFrom(content)
    stamped.vtag = b"%032x" % errand.members.random.getrandbits(128)
    stamped.last_mod, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    stamped.last_mod_usecs = nanoseconds // 1000
    return stamped
