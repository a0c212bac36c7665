"""A get: ask every replica, answer from the first quorum, mend those that were behind once all have answered."""

from collections.abc import Sequence
from functools import partial

from notification.riak.riak_pb2 import RpbDelReq, RpbGetReq
from tests.riak_standin.conflict import Objects, is_deleted
from tests.riak_standin.members import Members
from tests.riak_standin.quorum import Quorum, Replies, deadline, for_read
from tests.riak_standin.ring import Key, Place

Found = Replies[Objects | None]


async def read(members: Members, at: int, key: Key, request: RpbGetReq | RpbDelReq) -> Objects | None:
    """What a quorum of replicas knows of a key, by way of node `at`; tombstones are values too."""
    properties = members.properties(at, key)
    quorum = for_read(request, properties)
    places = members.preference(at, key, quorum.n, sloppy=_sloppy(request))
    quorum.check(places, "r")
    async with deadline(request, members.timing.request):
        found = ask_all(members, at, key, places)
        await found.wait(_rule(request, found, quorum))
    return _merged(members, at, key, found)


def ask_all(members: Members, at: int, key: Key, places: Sequence[Place]) -> Found:
    """Ask vnodes for a key. Whether anybody waits for it or not: afterwards all of them have what any of them had."""
    found: Found = Replies(len(places))
    found.at_last = partial(_mend, members, at, key, found)
    for place in places:
        members.ask(at, place, lambda vnode: vnode.read(key), partial(found.add, place))
    return found


def _sloppy(request: RpbGetReq | RpbDelReq) -> bool:
    return request.sloppy_quorum or not request.HasField("sloppy_quorum")


def _rule(request: RpbGetReq | RpbDelReq, found: Found, quorum: Quorum) -> "_Enough":
    if isinstance(request, RpbDelReq):
        return _Enough(found, quorum, notfound_ok=True, basic_quorum=False)
    notfound_ok = request.notfound_ok or not request.HasField("notfound_ok")
    return _Enough(found, quorum, notfound_ok=notfound_ok, basic_quorum=request.basic_quorum)


class _Enough:
    """When a get has heard enough. Without `notfound_ok` a replica that has nothing does not count."""

    def __init__(self, found: Found, quorum: Quorum, *, notfound_ok: bool, basic_quorum: bool) -> None:
        self._found = found
        self._quorum = quorum
        self._notfound_ok = notfound_ok
        hopeless = quorum.n - quorum.need + 1
        self._give_up = min(hopeless, quorum.n // 2 + 1) if basic_quorum else hopeless

    def __call__(self) -> bool:
        answers = self._found.answers
        absent = sum(objects is None for _, objects in answers)
        if not self._notfound_ok and absent >= self._give_up:
            return True
        counted = len(answers) if self._notfound_ok else len(answers) - absent
        return counted >= self._quorum.need and self._found.primaries() >= self._quorum.primaries


def _merged(members: Members, at: int, key: Key, found: Found) -> Objects | None:
    have = [objects for _, objects in found.answers if objects]
    merged = members.merged(have, members.properties(at, key))
    if merged:
        members.record.saw(key, len(merged.values))
    return merged


def _mend(members: Members, at: int, key: Key, found: Found) -> None:
    merged = _merged(members, at, key, found)
    if merged is None:
        return
    behind = [place for place, objects in found.answers if objects is None or not objects.same_as(merged)]
    for place in behind:
        members.store(at, place, key, merged, lambda _: None)
    if not behind and is_deleted(merged):
        _reap(members, at, key, merged, found)


def _reap(members: Members, at: int, key: Key, tombstone: Objects, found: Found) -> None:
    """Let replicas forget a tombstone; only where all primaries have it, or it would come back as the older value."""
    if found.primaries() < members.properties(at, key).n_val:
        return
    for place, _ in found.answers:
        members.ask(at, place, lambda vnode: members.reap_soon(vnode.place, key, tombstone), lambda _: None)
