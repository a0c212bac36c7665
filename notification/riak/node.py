"""One node: its connections, its health, and the probe that brings it back into use."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from notification.riak.connection import Connection
from notification.riak.dial import Dial
from notification.riak.errors import Disconnected, NodeUnavailable, NotConnected, RetryScope, RiakError
from notification.riak.health import Health
from notification.riak.messages import Call, Code, ignore_body, make_call
from notification.riak.observer import NULL_OBSERVER, NodeObserver
from notification.riak.options import Options
from notification.riak.pool import Pool
from notification.riak.riak_pb2 import RpbGetReq

R = TypeVar("R")

Admit = Callable[[str], Awaitable[None]]


class Node:
    """One node of a cluster. `name`: `host:port`.

    The node is in use until it causes a request to fail. It is then out of use, and a background task probes it, with a
    longer pause after each failure. A probe is a get, because a starting node answers pings long before it serves keys.
    Once a probe succeeds, the task awaits `admit(name)`, and the node returns to use unless that raises `RiakError`.
    `health.py` has this life cycle as a table. `changed` is called when the node goes out of use and when it returns.
    """

    def __init__(
        self,
        name: str,
        dial: Dial,
        options: Options,
        health: Health,
        admit: Admit,
        observer: NodeObserver = NULL_OBSERVER,
    ) -> None:
        self.name = name
        self.health = health
        self.in_flight = 0
        self.changed: Callable[[], None] | None = None
        self.pool = Pool(dial, options.pool_size, options.max_idle)
        self._request_timeout = options.request_timeout
        self._admit = admit
        self._observer = observer
        self._probe_task: asyncio.Task[None] | None = None
        observer.node_in_use(name, True)

    async def request(self, call: Call[R], until: float | None = None) -> R:
        """Make one attempt. Raises `RiakError`; its `retry_scope` says whether another node might succeed.

        `until`: the time of the event loop at which the attempt ends with `TimeoutError`; `None`: no such limit. The
        node stays in use after a `TimeoutError`.
        """
        generation = self.health.generation
        self.in_flight += 1
        began = time.perf_counter()
        outcome = "cancelled"
        try:
            reply = await self._ask(call, until)
            outcome = "ok"
        except RiakError as error:
            outcome = "unavailable" if error.retry_scope is RetryScope.NODE else "refused"
            if error.retry_scope is RetryScope.NODE and self.health.failed(generation, str(error)):
                self._go_out()
            raise
        finally:
            self.in_flight -= 1
            self._observer.store_call(self.name, call.operation, outcome, time.perf_counter() - began)
        self.health.succeeded()
        return reply

    async def close(self) -> None:
        """Stop the probe and close all connections. Calls in flight fail."""
        if self._probe_task is not None:
            self._probe_task.cancel()
            await asyncio.wait((self._probe_task,))
        await self.pool.close()

    async def _ask(self, call: Call[R], until: float | None) -> R:
        timeout = self._request_timeout if call.timeout is None else call.timeout
        loop = asyncio.get_running_loop()
        while True:
            connection = self.pool.take() or await self._connection(until)
            fresh = not connection.used
            remaining = None if until is None else until - loop.time()
            if remaining is None or timeout < remaining:
                timer = loop.call_later(timeout, connection.time_out, timeout)
            else:
                timer = loop.call_later(remaining, connection.give_up)
            try:
                return await connection.request(call)
            except Disconnected:
                # Riak closes idle connections when it restarts, so a used one may have been closed before this call.
                if fresh:
                    raise
            finally:
                timer.cancel()
                self.pool.give_back(connection)

    async def _connection(self, until: float | None) -> Connection:
        try:
            async with asyncio.timeout_at(until):
                return await self.pool.borrow()
        except NodeUnavailable as error:
            raise NotConnected(str(error)) from error

    def _go_out(self) -> None:
        self.pool.reset()
        self._probe_task = asyncio.get_running_loop().create_task(
            self._probe_until_admitted(), name=f"probe of {self.name}"
        )
        self._report_change()

    async def _probe_until_admitted(self) -> None:
        while True:
            await asyncio.sleep(self.health.pause())
            self.health.probe_began()
            try:
                await self._probe()
                self.health.probe_succeeded()
                await self._admit(self.name)
            except RiakError as error:
                self.health.probe_failed(str(error))
            else:
                break
        self.health.admitted()
        self._report_change()

    async def _probe(self) -> None:
        request = RpbGetReq(bucket=b"notification", key=b"probe", r=1, timeout=int(self._request_timeout * 1000))
        try:
            await self._ask(make_call(Code.GET_REQ, request, Code.GET_RESP, ignore_body), None)
        except RiakError as error:
            # Any other error, even a denied permission, shows that the node serves keys.
            if error.retry_scope is RetryScope.NODE:
                raise

    def _report_change(self) -> None:
        self._observer.node_in_use(self.name, self.health.up)
        if self.changed is not None:
            self.changed()
