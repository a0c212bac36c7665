"""One node: its connections, its health, and the probe that brings it back into use."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from notification.riak.connection import Connection
from notification.riak.dial import Dial
from notification.riak.errors import Disconnected, NodeUnavailable, NotConnected, RetryScope, RiakError
from notification.riak.health import Health
from notification.riak.messages import Code, Exchange, exchange, nothing
from notification.riak.observer import NULL_OBSERVER, NodeObserver
from notification.riak.options import Options
from notification.riak.pool import Pool
from notification.riak.riak_pb2 import RpbGetReq

R = TypeVar("R")

Admit = Callable[[str], Awaitable[None]]


class Node:
    """A node called `name` (host:port).

    It is used until a request fails by its fault. Then it is out: it gets no requests, and is probed in the
    background after growing pauses. A probe is a get, as a starting node answers pings well before it serves keys;
    then `admit`, awaited with the node's name, must not raise. `changed` is called when it goes out or comes back.
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
        self.under_way = 0
        self.changed: Callable[[], None] | None = None
        self.pool = Pool(dial, options.pool_size, options.max_idle)
        self._request_timeout = options.request_timeout
        self._admit = admit
        self._observer = observer
        self._probing: asyncio.Task[None] | None = None
        observer.node_in_use(name, True)

    async def request(self, exchange: Exchange[R]) -> R:
        """One try. Raises `RiakError`; its `blame` says whether another node is worth trying."""
        era = self.health.era
        self.under_way += 1
        began = time.perf_counter()
        outcome = "cancelled"
        try:
            reply = await self._ask(exchange)
            outcome = "ok"
        except RiakError as error:
            outcome = "unavailable" if error.blame is RetryScope.NODE else "refused"
            if error.blame is RetryScope.NODE and self.health.failed(era, str(error)):
                self._go_out()
            raise
        finally:
            self.under_way -= 1
            self._observer.store_call(self.name, exchange.operation, outcome, time.perf_counter() - began)
        self.health.worked()
        return reply

    async def close(self) -> None:
        """Stop probing, close all connections."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait((self._probing,))
        await self.pool.close()

    async def _ask(self, exchange: Exchange[R]) -> R:
        timeout = self._request_timeout if exchange.timeout is None else exchange.timeout
        loop = asyncio.get_running_loop()
        while True:
            connection = await self._connection()
            fresh = not connection.used
            timer = loop.call_later(timeout, connection.give_up, f"no reply within {timeout} s")
            try:
                return await connection.request(exchange)
            except Disconnected:
                # Riak closes idle connections when it restarts: that is news of then, not of now.
                if fresh:
                    raise
            finally:
                timer.cancel()
                self.pool.give_back(connection)

    async def _connection(self) -> Connection:
        try:
            return await self.pool.borrow()
        except NodeUnavailable as error:
            raise NotConnected(str(error)) from error

    def _go_out(self) -> None:
        self.pool.reset()
        self._probing = asyncio.get_running_loop().create_task(self._come_back(), name=f"probe of {self.name}")
        self._tell()

    async def _come_back(self) -> None:
        while True:
            await asyncio.sleep(self.health.pause())
            try:
                await self._probe()
                await self._admit(self.name)
            except RiakError as error:
                self.health.still_out(str(error))
            else:
                break
        self.health.back()
        self._tell()

    async def _probe(self) -> None:
        nobody = RpbGetReq(bucket=b"notification", key=b"probe", r=1, timeout=int(self._request_timeout * 1000))
        try:
            await self._ask(exchange(Code.GET_REQ, nobody, Code.GET_RESP, nothing))
        except RiakError as error:
            # Any other answer, even that we may not read this, comes from a node that serves keys.
            if error.blame is RetryScope.NODE:
                raise

    def _tell(self) -> None:
        self._observer.node_in_use(self.name, self.health.up)
        if self.changed is not None:
            self.changed()
