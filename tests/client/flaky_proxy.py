"""A proxy that passes requests on to a real server, and fails every third of them at a point of chance."""

import asyncio
import random
import sys
from collections import Counter
from enum import Enum

from yarl import URL

from tests.client.wire import Message, TcpServer, read_message


class Failure(Enum):
    """Where a connection is dropped."""

    BEFORE = "nothing of the request reaches the server"
    HALF = "half of the request reaches the server"
    AFTER = "the server has handled the request, and nothing of its reply is passed on"
    HALF_REPLY = "the server has handled the request, and half of its reply is passed on"


class FlakyProxy(TcpServer):
    """Has one connection to the server for each of a client's.

    `requests`: those that came; `failures`: how many were made of each kind.
    """

    def __init__(self, target: str, seed: int) -> None:
        super().__init__()
        self._target = URL(target)
        self._dice = random.Random(seed)
        self.requests: list[Message] = []
        self.failures: Counter[Failure] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection(self._target.host, self._target.port)
        self._writers.add(upstream)
        try:
            while request := await read_message(reader):
                if not await self._pass_on(request, writer, upstream_reader, upstream):
                    break
        finally:
            self._writers.discard(upstream)
            upstream.close()

    async def _pass_on(
        self,
        request: Message,
        client: asyncio.StreamWriter,
        upstream_reader: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
    ) -> bool:
        """Whether the connection is still good."""
        self.requests.append(request)
        failure = self._dice.choice(list(Failure)) if len(self.requests) % 3 == 0 else None
        if failure:
            self.failures[failure] += 1
        if failure is Failure.BEFORE:
            return False
        whole = bytes(request)
        upstream.write(whole[: len(whole) // 2] if failure is Failure.HALF else whole)
        if failure is Failure.HALF:
            await upstream.drain()
            return False
        reply = await read_message(upstream_reader)
        if reply is None:
            return False
        if "transfer-encoding" in reply.headers:
            await self._pass_on_stream(reply, failure, client, upstream_reader)
            return False
        answer = {Failure.AFTER: b"", Failure.HALF_REPLY: bytes(reply)[: len(bytes(reply)) // 2]}
        client.write(answer[failure] if failure else bytes(reply))
        return failure is None

    async def _pass_on_stream(
        self, reply: Message, failure: Failure | None, client: asyncio.StreamWriter, upstream: asyncio.StreamReader
    ) -> None:
        """All there is of a stream, or no more than its first 4 KB."""
        client.write(reply.head)
        left = self._dice.randrange(4096) if failure else sys.maxsize
        while left and (piece := await upstream.read(min(left, 65536))):
            client.write(piece)
            left -= len(piece)
