"""Uses several nodes as one. A request goes to the least busy node and fails over to the others, within one deadline.

Every request can be repeated on another node, because gets and deletes are idempotent, and a value that is put twice
becomes two equal siblings, which a merge reduces to one.

A request that has failed on every node waits for a node to return and retries until its deadline. A restarting cluster,
a short network failure or a missing quorum recovers within about a second, and a late reply serves a user better than
an early error. Requests wait even if all nodes have been out of use for a long time, because the next probe might
succeed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from notification.riak.errors import NodeUnavailable, NotConnected, RetryScope, RiakError, RiakUnavailable
from notification.riak.messages import Call
from notification.riak.node import Node
from notification.riak.options import Options

R = TypeVar("R")

_FIRST_PAUSE = 0.05
_MAX_PAUSE = 0.5


@dataclass(slots=True)
class _Attempts:
    """The attempts of one request: the last failure of each node, and whether the request may have reached a node."""

    failures: dict[str, RiakError] = field(default_factory=dict)
    sent: bool = False


class Cluster:
    """The nodes of a cluster.

    `random` returns 0 <= x < 1; it chooses between equally busy nodes and sets the pause between rounds of attempts.
    """

    def __init__(self, nodes: Sequence[Node], options: Options, random: Callable[[], float]) -> None:
        self.nodes = {node.name: node for node in nodes}
        self._deadline = options.deadline
        # The sum of the times that one attempt can take; `auth_timeout` covers Riak's slow refusal of a password.
        self._ask_timeout = options.connect_timeout + options.auth_timeout + options.request_timeout
        self._random = random
        self._any_up = asyncio.Event()
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._closed = False
        self._note_change()
        for node in nodes:
            node.changed = self._note_change

    async def request(self, call: Call[R], deadline: float | None = None) -> R:
        """Return the first usable reply of any node. `deadline`: seconds; `None`: the cluster's own.

        Raises `RiakUnavailable`, or `RiakErrorResponse` if every node would reply with that error.
        """
        attempts = _Attempts()
        until = asyncio.get_running_loop().time() + (deadline or self._deadline)
        self._enter()
        try:
            return await self._until_answered(call, attempts, until)
        except TimeoutError as error:
            raise self._unavailable(attempts) from error
        finally:
            self._leave()

    async def ask(self, name: str, call: Call[R]) -> R:
        """Make one attempt at the node `name`, even if it is out of use. Raises `RiakError`."""
        until = asyncio.get_running_loop().time() + self._ask_timeout
        self._enter()
        try:
            return await self.nodes[name].request(call, until)
        except TimeoutError as error:
            raise NodeUnavailable(f"no reply within {self._ask_timeout} s") from error
        finally:
            self._leave()

    async def close(self) -> None:
        """Refuse new requests, wait for those in flight, and close all connections."""
        self._closed = True
        self._any_up.set()  # requests that wait for a node wake up and fail
        while self._in_flight:
            self._idle.clear()
            await self._idle.wait()
        await asyncio.gather(*(node.close() for node in self.nodes.values()))

    async def _until_answered(self, call: Call[R], attempts: _Attempts, until: float) -> R:
        """Make attempts until one gets a usable reply. Raises `TimeoutError` at `until`, a time of the event loop."""
        tried: set[str] = set()
        rounds = 0
        while True:
            node = self._least_busy(tried)
            if node is None:
                self._raise_if_final(tried, attempts)
                async with asyncio.timeout_at(until):
                    await self._pause(rounds)
                tried.clear()
                rounds += 1
                continue
            tried.add(node.name)
            before, attempts.sent = attempts.sent, True
            try:
                return await node.request(call, until)
            except RiakError as error:
                if error.retry_scope is RetryScope.REQUEST:
                    raise
                attempts.sent = before or not isinstance(error, NotConnected)
                attempts.failures[node.name] = error

    def _least_busy(self, tried: set[str]) -> Node | None:
        best, ties = None, 1
        for node in self.nodes.values():
            if not node.health.up or node.name in tried:
                continue
            if best is None or node.in_flight < best.in_flight:
                best, ties = node, 1
            elif node.in_flight == best.in_flight:
                ties += 1  # each of the equally busy nodes is chosen with the same probability
                best = node if self._random() * ties < 1 else best
        return best

    def _raise_if_final(self, tried: set[str], attempts: _Attempts) -> None:
        failures = [attempts.failures[name] for name in tried]
        if failures and all(error.retry_scope is RetryScope.UNKNOWN for error in failures):
            raise failures[-1]
        if self._closed:
            raise self._unavailable(attempts)

    async def _pause(self, rounds: int) -> None:
        if self._any_up.is_set():
            await asyncio.sleep(self._random() * min(_MAX_PAUSE, _FIRST_PAUSE * 2.0**rounds))
        await self._any_up.wait()

    def _unavailable(self, attempts: _Attempts) -> RiakUnavailable:
        reasons = {name: node.health.reason for name, node in self.nodes.items() if node.health.reason is not None}
        failures = {name: str(error) for name, error in attempts.failures.items()}
        return RiakUnavailable(reasons | failures, sent=attempts.sent)

    def _note_change(self) -> None:
        if self._closed or any(node.health.up for node in self.nodes.values()):
            self._any_up.set()
        else:
            self._any_up.clear()

    def _enter(self) -> None:
        if self._closed:
            raise RiakUnavailable(dict.fromkeys(self.nodes, "the client is closed"))
        self._in_flight += 1

    def _leave(self) -> None:
        self._in_flight -= 1
        if not self._in_flight:
            self._idle.set()
