"""Lists the keys of a bucket from the primaries of all reachable nodes."""

from functools import partial

from tests.riak_standin.errors import RiakError
from tests.riak_standin.members import Members
from tests.riak_standin.quorum import Replies
from tests.riak_standin.ring import Place

Bucket = tuple[bytes, bytes]


async def list_keys(members: Members, at: int, bucket: Bucket, n: int) -> list[bytes]:
    """Every key of a bucket, including deleted ones with a tombstone, as in Riak."""
    reachable = [node for node in range(len(members.nodes)) if members.network.connected(at, node)]
    if not _covered(members, reachable, n):
        raise RiakError("insufficient_vnodes_available")
    replies: Replies[set[bytes]] = Replies(len(reachable))
    for node in reachable:
        answered = partial(replies.add, Place(0, node, primary=True))
        members.network.ask(at, node, partial(_keys_on, members, node, bucket), answered)
    await replies.wait(replies.complete)
    return sorted({key for _, keys in replies.answers for key in keys})


def _covered(members: Members, reachable: list[int], n: int) -> bool:
    """Whether every partition has a reachable primary."""
    ring = members.ring
    return all(
        any(ring.owner((start + step) % ring.size) in reachable for step in range(n)) for start in range(ring.size)
    )


def _keys_on(members: Members, node: int, bucket: Bucket) -> set[bytes]:
    vnodes = members.nodes[node].vnodes.values()
    return {key.key for vnode in vnodes if vnode.place.primary for key in vnode.objects if key[:2] == bucket}
