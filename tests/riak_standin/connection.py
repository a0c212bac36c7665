"""The connection of a client to a node."""

import asyncio
import socket
import struct
from enum import Enum, auto
from typing import Protocol, cast

from google.protobuf.message import DecodeError

from notification.riak.riak_pb2 import RpbAuthReq
from tests.riak_standin.counts import Counts
from tests.riak_standin.errors import malformed
from tests.riak_standin.faults import Faults
from tests.riak_standin.requests import Requests, kind
from tests.riak_standin.security import Security
from tests.riak_standin.wire import AUTHENTICATE, AUTHENTICATED, START_TLS, FrameReader, Reply, error, frame

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Trust(Enum):
    """How far a client has authenticated."""

    PLAIN = auto()
    ENCRYPTED = auto()
    ADMITTED = auto()


class Host(Protocol):
    """The owner of the list of connections."""

    def came(self, connection: "Connection") -> None:
        """Register a new connection."""

    def gone(self, connection: "Connection") -> None:
        """Remove a connection after its last request has ended."""


class Connection(asyncio.Protocol):
    """Reads frames and answers them in order, subject to the node's faults."""

    def __init__(
        self,
        requests: Requests,
        faults: Faults,
        counts: Counts,
        security: Security | None,
        host: Host,
    ) -> None:
        self._requests = requests
        self._faults = faults
        self._counts = counts
        self._security = security
        self._host = host
        self._trust = Trust.PLAIN if security else Trust.ADMITTED
        self._frames = FrameReader()
        self._waiting: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()
        self._working = False
        self._open = False
        self._transport: asyncio.Transport
        self.task: asyncio.Task[None]

    @property
    def open(self) -> bool:
        """Whether the client is still connected."""
        return self._open

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register a new connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._open = True
        self.task = asyncio.get_running_loop().create_task(self._serve())
        self.task.add_done_callback(lambda _: self._host.gone(self))
        self._host.came(self)

    def data_received(self, data: bytes) -> None:
        """Queue the frames of the client."""
        try:
            for code_and_body in self._frames.feed(data):
                self._waiting.put_nowait(code_and_body)
        except ValueError:
            self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        """Finish the request in progress, as Riak does, and drop the queued ones."""
        self._open = False
        if not self._working:
            self.task.cancel()

    def reset(self) -> None:
        """Abort the connection and cancel its request."""
        if self._open:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()
        self.task.cancel()

    async def _serve(self) -> None:
        while self._open:
            code, body = await self._waiting.get()
            self._counts.requests[kind(code)] += 1
            await self._faults.before_work()
            reply = await self._work(code, body)
            if reply:
                await self._faults.before_reply()
                await self._send(self._fault(code) or reply)

    async def _work(self, code: int, body: bytes) -> Reply | None:
        """The reply to a message; `None` if the client has disconnected."""
        self._working = True
        try:
            reply = self._fault(code) or self._let_in(code, body) or await self._requests.answer(code, body)
        finally:
            self._working = False
        return reply if self._open else None

    def _fault(self, code: int) -> Reply | None:
        text = self._faults.error(code)
        return error(text.encode()) if text else None

    def _let_in(self, code: int, body: bytes) -> Reply | None:
        """The reply of the security layer; `None` if the client is authenticated."""
        if self._trust is Trust.ADMITTED:
            unwanted = code == START_TLS and not self._security
            return error(b"Security not enabled; STARTTLS not allowed.") if unwanted else None
        if self._trust is Trust.ENCRYPTED:
            return self._authenticate(code, body)
        if code != START_TLS:
            return error(b"Security is enabled, please STARTTLS first")
        return Reply(frame(START_TLS), encrypts=True)

    def _authenticate(self, code: int, body: bytes) -> Reply:
        if code != AUTHENTICATE:
            return error(b"Security is enabled, please authenticate first")
        try:
            request = RpbAuthReq.FromString(body)
        except DecodeError:
            return error(malformed("RpbAuthReq", body).text, closes=True)
        if not (self._security and self._security.admits(request.user, request.password)):
            return error(b"Authentication failed")
        self._trust = Trust.ADMITTED
        return Reply(frame(AUTHENTICATED))

    async def _send(self, reply: Reply) -> None:
        stop = self._faults.cut_at(len(reply.data))
        self._transport.write(reply.data[:stop])
        if reply.closes or stop is not None:
            self._transport.close()
            self._open = False
        elif reply.encrypts:
            await self._start_tls()

    async def _start_tls(self) -> None:
        assert self._security
        loop = asyncio.get_running_loop()
        try:
            upgraded = await loop.start_tls(self._transport, self, self._security.context, server_side=True)
        except OSError:  # includes ssl.SSLError: the client distrusts the certificate or does not speak TLS
            upgraded = None
        if upgraded is None:
            self._transport.abort()
            self._open = False
        else:
            self._transport = upgraded
            self._trust = Trust.ENCRYPTED
