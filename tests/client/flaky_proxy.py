"""A proxy that passes requests on to a real server, and fails every third of them at a point of chance."""

import asyncio
import random
import sys
from collections import Counter
from enum import Enum

from yarl import URL

from tests.client.wire import Message, read_message


class Failure(Enum):
    """Where a connection is dropped."""

    BEFORE = "nothing of the request reaches the server"
    HALF = "half of the request reaches the server"
    AFTER = "the server has handled the request, and nothing of its reply is passed on"
    HALF_REPLY = "the server has handled the request, and half of its reply is passed on"


class FlakyProxy:
    """Has one connection to the server for each of a client's. `requests`: those that came; `failures`: how many were
    made of each kind."""

    def __init__(self, target: str, seed: int) -> None:
        self._target = URL(target)
        self._dice = random.Random(seed)
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server
        self.requests: list[Message] = []
        self.failures: Counter[Failure] = Counter()
        self.url = ""

    async def __aenter__(self) -> "FlakyProxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        upstream_reader, upstream = await asyncio.open_connection(self._target.host, self._target.port)
        try:
            while request := await read_message(reader):
                if not await self._pass_on(request, writer, upstream_reader, upstream):
                    break
        finally:
            writer.close()
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
        assert reply
        if "transfer-encoding" in reply.headers:
            return await self._pass_on_stream(reply, failure, client, upstream_reader)
        answer = {Failure.AFTER: b"", Failure.HALF_REPLY: bytes(reply)[: len(bytes(reply)) // 2]}
        client.write(answer[failure] if failure else bytes(reply))
        return failure is None

    async def _pass_on_stream(
        self, reply: Message, failure: Failure | None, client: asyncio.StreamWriter, upstream: asyncio.StreamReader
    ) -> bool:
        """All there is of a stream, or its first 4 KB, or fewer."""
        client.write(reply.head)
        left = self._dice.randrange(4096) if failure else sys.maxsize
        while left and (piece := await upstream.read(min(left, 65536))):
            client.write(piece)
            left -= len(piece)
        return False
