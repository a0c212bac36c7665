"""Several nodes as one: the least busy first, the next one where that fails, and one deadline over it all.

Every request here may be repeated on another node: a get or a delete by its nature, a put because a value that is
stored twice is only a sibling of itself, and our merges are idempotent.

A request whose every node failed does not give up at once. A restarting cluster, a blip of the network, a quorum that
is missing while nodes change hands: these pass within a second or so, and an answer a little late serves a user better
than an error in time. So it waits for a node to come back, and tries again until its deadline. However long all of them
were out: a quorum may be back already, and the next probe about to find it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from notification.riak.errors import NodeUnavailable, NotConnected, RetryScope, RiakError, RiakUnavailable
from notification.riak.messages import Exchange
from notification.riak.node import Node
from notification.riak.options import Options

R = TypeVar("R")

_FIRST_REST = 0.05
_LONGEST_REST = 0.5


@dataclass(slots=True)
class _Tries:
    """How each node failed last, and whether the request may have reached one."""

    failures: dict[str, RiakError] = field(default_factory=dict)
    sent: bool = False


class Cluster:
    """`random`: 0 <= x < 1, which of two equally busy nodes is asked, and how long a request rests between rounds."""

    def __init__(self, nodes: Sequence[Node], options: Options, random: Callable[[], float]) -> None:
        self.nodes = {node.name: node for node in nodes}
        self._deadline = options.deadline
        # Room for all that one try may wait for, Riak's slow refusal of a password included.
        self._ask_timeout = options.connect_timeout + options.auth_timeout + options.request_timeout
        self._random = random
        self._someone_up = asyncio.Event()
        self._under_way = 0
        self._quiet = asyncio.Event()
        self._closed = False
        self._note_change()
        for node in nodes:
            node.changed = self._note_change

    async def request(self, exchange: Exchange[R], deadline: float | None = None) -> R:
        """The first usable answer of any node; `deadline` where the cluster's own is not right.

        Raises `RiakUnavailable`, and what Riak said where another node would not say otherwise (`RiakErrorResponse`).
        """
        tries = _Tries()
        self._enter()
        try:
            async with asyncio.timeout(deadline or self._deadline):
                return await self._until_answered(exchange, tries)
        except TimeoutError as error:
            raise self._unavailable(tries) from error
        finally:
            self._leave()

    async def ask(self, name: str, exchange: Exchange[R]) -> R:
        """One try at the node called `name`, be it in use or not. Raises `RiakError`."""
        self._enter()
        try:
            async with asyncio.timeout(self._ask_timeout):
                return await self.nodes[name].request(exchange)
        except TimeoutError as error:
            raise NodeUnavailable(f"no answer within {self._ask_timeout} s") from error
        finally:
            self._leave()

    async def close(self) -> None:
        """Take no more requests, let those under way end, let go of everything."""
        self._closed = True
        self._someone_up.set()  # whoever waits for a node learns that there will be none
        while self._under_way:
            self._quiet.clear()
            await self._quiet.wait()
        await asyncio.gather(*(node.close() for node in self.nodes.values()))

    async def _until_answered(self, exchange: Exchange[R], tries: _Tries) -> R:
        tried: set[str] = set()
        rounds = 0
        while True:
            node = self._least_busy(tried)
            if node is None:
                self._check_hope(tried, tries)
                await self._rest(rounds)
                tried.clear()
                rounds += 1
                continue
            tried.add(node.name)
            before, tries.sent = tries.sent, True
            try:
                return await node.request(exchange)
            except RiakError as error:
                if error.blame is RetryScope.REQUEST:
                    raise
                tries.sent = before or not isinstance(error, NotConnected)
                tries.failures[node.name] = error

    def _least_busy(self, tried: set[str]) -> Node | None:
        nodes = [node for node in self.nodes.values() if node.health.up and node.name not in tried]
        return min(nodes, key=lambda node: (node.under_way, self._random()), default=None)

    def _check_hope(self, tried: set[str], tries: _Tries) -> None:
        said = [tries.failures[name] for name in tried]
        if said and all(error.blame is RetryScope.UNKNOWN for error in said):
            raise said[-1]
        if self._closed:
            raise self._unavailable(tries)

    async def _rest(self, rounds: int) -> None:
        if self._someone_up.is_set():
            await asyncio.sleep(self._random() * min(_LONGEST_REST, _FIRST_REST * 2.0**rounds))
        await self._someone_up.wait()

    def _unavailable(self, tries: _Tries) -> RiakUnavailable:
        reasons = {name: node.health.reason for name, node in self.nodes.items() if node.health.reason is not None}
        return RiakUnavailable(reasons | {name: str(error) for name, error in tries.failures.items()}, sent=tries.sent)

    def _note_change(self) -> None:
        if self._closed or any(node.health.up for node in self.nodes.values()):
            self._someone_up.set()
        else:
            self._someone_up.clear()

    def _enter(self) -> None:
        if self._closed:
            raise RiakUnavailable(dict.fromkeys(self.nodes, "the client is closed"))
        self._under_way += 1

    def _leave(self) -> None:
        self._under_way -= 1
        if not self._under_way:
            self._quiet.set()
