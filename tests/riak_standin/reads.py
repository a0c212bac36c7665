"""A get: ask every replica, reply from the first quorum, repair stale replicas after all have replied."""

from collections.abc import Sequence
from functools import partial

from notification.riak.riak_pb2 import RpbDelReq, RpbGetReq
from tests.riak_standin.conflict import Objects, is_deleted
from tests.riak_standin.errand import Errand
from tests.riak_standin.quorum import Quorum, Replies, deadline, for_read
from tests.riak_standin.ring import Place

Found = Replies[Objects | None]


async def read(errand: Errand, request: RpbGetReq | RpbDelReq) -> Objects | None:
    """Read a key from a quorum of replicas, including tombstones."""
    quorum = for_read(request, errand.properties)
    places = errand.places(quorum, request)
    quorum.check(places, "r")
    async with deadline(request, errand.members.timing.request):
        found = ask_all(errand, places)
        await found.wait(_Enough(found, quorum, request))
    return errand.merged(objects for _, objects in found.answers)


def ask_all(errand: Errand, places: Sequence[Place]) -> Found:
    """Read a key from vnodes. Afterwards all of them have all values, even if the caller no longer waits."""
    found: Found = Replies(len(places))
    found.at_last = partial(_mend, errand, found)
    for place in places:
        errand.ask(place, lambda vnode: vnode.read(errand.key), partial(found.add, place))
    return found


class _Enough:
    """Decides when a get has enough replies. Without `notfound_ok`, an empty replica does not count."""

    def __init__(self, found: Found, quorum: Quorum, request: RpbGetReq | RpbDelReq) -> None:
        self._found = found
        self._quorum = quorum
        self._notfound_ok = True
        self._give_up = quorum.n - quorum.need + 1
        if isinstance(request, RpbGetReq):
            self._notfound_ok = request.notfound_ok or not request.HasField("notfound_ok")
            self._give_up = min(self._give_up, quorum.n // 2 + 1) if request.basic_quorum else self._give_up

    def __call__(self) -> bool:
        answers = self._found.answers
        absent = sum(objects is None for _, objects in answers)
        if not self._notfound_ok and absent >= self._give_up:
            return True
        counted = len(answers) if self._notfound_ok else len(answers) - absent
        return counted >= self._quorum.need and self._found.primaries() >= self._quorum.primaries


def _mend(errand: Errand, found: Found) -> None:
    merged = errand.merged(objects for _, objects in found.answers)
    if merged is None:
        return
    behind = [place for place, objects in found.answers if objects is None or not objects.same_as(merged)]
    for place in behind:
        errand.store(place, merged, lambda _: None)
    if not behind and is_deleted(merged):
        _reap(errand, merged, found)


def _reap(errand: Errand, tombstone: Objects, found: Found) -> None:
    """Reap a tombstone if all primaries have it; otherwise an older value could return."""
    if found.primaries() < errand.properties.n_val:
        return
    for place, _ in found.answers:
        errand.ask(place, lambda vnode: errand.members.reap_soon(vnode, errand.key, tombstone), lambda _: None)
