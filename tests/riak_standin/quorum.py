"""How many replicas a request waits for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from notification.riak.riak_pb2 import RpbDelReq, RpbGetReq, RpbListKeysReq, RpbPutReq
from tests.riak_standin.errors import RiakError
from tests.riak_standin.properties import ALL, DEFAULT, ONE, QUORUM, Properties
from tests.riak_standin.ring import Place

Answer = TypeVar("Answer")
Request = RpbGetReq | RpbPutReq | RpbDelReq


@dataclass(frozen=True, slots=True)
class Quorum:
    """The number of replicas, out of `n`, that must reply, and how many of them must be primaries."""

    n: int
    need: int
    primaries: int

    def check(self, places: Sequence[Place], letter: str) -> None:
        """Raise `RiakError` if the reachable vnodes can't satisfy the quorum. `letter`: r or w."""
        if max(self.need, self.primaries) > self.n:
            raise RiakError(f"{{n_val_violation,{self.n}}}")
        primaries = sum(place.primary for place in places)
        if self.primaries > primaries:
            raise RiakError(f"{{p{letter}_val_unsatisfied,{self.primaries},{primaries}}}")
        if max(self.need, self.primaries) > len(places):
            raise RiakError(f"{{insufficient_vnodes,{len(places)},need,{max(self.need, self.primaries)}}}")


def for_read(request: RpbGetReq | RpbDelReq, properties: Properties) -> Quorum:
    """The quorum of a read."""
    n = _n_val(request, properties)
    return Quorum(n, max(1, _number(request, "r", properties, n)), _number(request, "pr", properties, n))


def for_write(request: RpbPutReq | RpbDelReq, properties: Properties) -> Quorum:
    """The quorum of a write. A write is always durable here, so `w` and `dw` are the same."""
    n = _n_val(request, properties)
    need = max(1, _number(request, "w", properties, n), _number(request, "dw", properties, n))
    return Quorum(n, need, _number(request, "pw", properties, n))


def _n_val(request: Request, properties: Properties) -> int:
    asked = request.n_val if request.HasField("n_val") else properties.n_val
    if asked > properties.n_val:
        raise RiakError(f"{{n_val_violation,{properties.n_val}}}")
    return asked


def _number(request: Any, name: str, properties: Properties, n: int) -> int:
    asked: int = getattr(request, name) if request.HasField(name) else DEFAULT
    if asked == DEFAULT:
        asked = getattr(properties, name)
    return {ONE: 1, QUORUM: n // 2 + 1, ALL: n}.get(asked, asked)


class Replies(Generic[Answer]):
    """Collects the replies of several vnodes."""

    def __init__(self, expected: int) -> None:
        self.answers: list[tuple[Place, Answer]] = []
        self._expected = expected
        self._enough: Callable[[], bool] = self.complete
        self._waiting: asyncio.Future[None] | None = None
        self.at_last: Callable[[], None] | None = None

    def add(self, place: Place, answer: Answer) -> None:
        """Add a reply; wake the waiter, and finish after the last reply."""
        self.answers.append((place, answer))
        if self._waiting and not self._waiting.done() and self._enough():
            self._waiting.set_result(None)
        if self.at_last and self.complete():
            self.at_last()

    def complete(self) -> bool:
        """Whether every vnode has replied."""
        return len(self.answers) == self._expected

    def primaries(self) -> int:
        """The number of primaries that have replied."""
        return sum(place.primary for place, _ in self.answers)

    async def wait(self, enough: Callable[[], bool]) -> None:
        """Wait until `enough` is true."""
        if not enough():
            self._enough = enough
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting


@asynccontextmanager
async def deadline(request: Request | RpbListKeysReq, seconds: float) -> AsyncIterator[None]:
    """Bound a request by the client's timeout, else by the cluster's."""
    try:
        async with asyncio.timeout(request.timeout / 1000 if request.timeout else seconds):
            yield
    except TimeoutError as late:
        raise RiakError("timeout") from late
