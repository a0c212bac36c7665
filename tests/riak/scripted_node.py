"""A node of Riak for tests: a real server on a real socket, which does with each request what its script says.

It is no Riak: it keeps nothing but bucket properties. A get answers a value that names its own bucket and key, so a
reply that went to the wrong request shows.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self

from notification.riak.messages import Code, Frame, FrameParser, Message, frame
from notification.riak.riak_pb2 import (
    RpbBucketProps,
    RpbContent,
    RpbErrorResp,
    RpbGetBucketReq,
    RpbGetBucketResp,
    RpbGetReq,
    RpbGetResp,
    RpbGetServerInfoResp,
    RpbListKeysResp,
    RpbPutReq,
    RpbPutResp,
    RpbSetBucketReq,
)


class Peer:
    """A client's connection, as the node has it."""

    def __init__(self, node: "ScriptedNode", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.node = node
        self.reader = reader
        self.writer = writer
        self.requests = 0

    def send(self, code: int, message: Message | None = None) -> None:
        """Answer a whole message."""
        self.writer.write(frame(code, message.SerializeToString() if message else b""))

    def cut(self) -> None:
        """Close the connection at once."""
        self.writer.transport.abort()


Script = Callable[[Frame, Peer], Awaitable[None]]


class ScriptedNode:
    """`script` may be changed at any time. Used as an async context manager; `stop` and `start` keep the port."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or answer
        self.port = 0
        self.accepted = 0
        self.most_open = 0
        self.asked: Counter[int] = Counter()
        self.frames: list[Frame] = []
        self.peers: set[Peer] = set()
        self.properties: dict[bytes, RpbBucketProps] = {}
        self._server: asyncio.Server | None = None
        self._handlers: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections and cut those there are."""
        if self._server is not None:
            self._server.close()
        for handler in tuple(self._handlers):
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_reason: object) -> None:
        await self.stop()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.current_task()
        assert handler is not None
        self._handlers.add(handler)
        handler.add_done_callback(self._handlers.discard)
        peer = Peer(self, reader, writer)
        self.peers.add(peer)
        self.accepted += 1
        self.most_open = max(self.most_open, len(self.peers))
        try:
            await self._serve(peer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.peers.discard(peer)
            writer.transport.abort()

    async def _serve(self, peer: Peer) -> None:
        parser = FrameParser(1 << 30)
        while data := await peer.reader.read(1 << 16):
            for request in parser.feed(data):
                self.asked[request.code] += 1
                self.frames.append(request)
                await self.script(request, peer)
                peer.requests += 1


@asynccontextmanager
async def running(count: int) -> AsyncIterator[list[ScriptedNode]]:
    """So many nodes."""
    nodes = [ScriptedNode() for _ in range(count)]
    try:
        for node in nodes:
            await node.start()
        yield nodes
    finally:
        for node in nodes:
            await node.stop()


# Scripts.


async def answer(request: Frame, peer: Peer) -> None:
    """What a node that is well says."""
    code, message = _ANSWERS[request.code](request.body, peer.node)
    peer.send(code, message)


async def hang(_request: Frame, _peer: Peer) -> None:
    """Nothing, ever."""


async def cut(_request: Frame, peer: Peer) -> None:
    """The connection closes."""
    peer.cut()


def cut_after(count: int) -> Script:
    """The connection closes after `count` bytes of the reply; negative: before so many of its last ones."""

    async def script(request: Frame, peer: Peer) -> None:
        code, message = _ANSWERS[request.code](request.body, peer.node)
        peer.writer.write(frame(code, message.SerializeToString() if message else b"")[:count])
        peer.writer.close()

    return script


def error(text: str) -> Script:
    """An RpbErrorResp."""

    async def script(_request: Frame, peer: Peer) -> None:
        peer.send(Code.ERROR_RESP, RpbErrorResp(errmsg=text.encode(), errcode=0))

    return script


def raw(data: bytes) -> Script:
    """These very bytes."""

    async def script(_request: Frame, peer: Peer) -> None:
        peer.writer.write(data)

    return script


def after(seconds: float, script: Script) -> Script:
    """Another script, later."""

    async def late(request: Frame, peer: Peer) -> None:
        await asyncio.sleep(seconds)
        await script(request, peer)

    return late


def only(code: int, script: Script) -> Script:
    """Another script for requests of one code."""

    async def chosen(request: Frame, peer: Peer) -> None:
        await (script if request.code == code else answer)(request, peer)

    return chosen


def secured(context: ssl.SSLContext, verdict: Script) -> Script:
    """A node whose security is on; `verdict` answers user and password."""

    async def script(request: Frame, peer: Peer) -> None:
        if request.code == Code.START_TLS:
            peer.send(Code.START_TLS)
            await peer.writer.start_tls(context)
        elif request.code == Code.AUTH_REQ:
            await verdict(request, peer)
        elif peer.writer.get_extra_info("ssl_object") is None:
            await error("Security is enabled, please STARTTLS first")(request, peer)
        else:
            await answer(request, peer)

    return script


async def welcome(_request: Frame, peer: Peer) -> None:
    """Accepts whoever comes."""
    peer.send(Code.AUTH_RESP)


# What a node that is well says, by the request's code.

Answer = tuple[Code, Message | None]


def value_of(bucket: bytes, key: bytes) -> bytes:
    """The value that a get of `key` brings."""
    return b"the value of " + bucket + b"/" + key


def _get(body: bytes, _node: ScriptedNode) -> Answer:
    request = RpbGetReq.FromString(body)
    content = RpbContent(value=value_of(request.bucket, request.key))
    return Code.GET_RESP, RpbGetResp(content=[content], vclock=b"seen " + request.key)


def _put(body: bytes, _node: ScriptedNode) -> Answer:
    request = RpbPutReq.FromString(body)
    if not request.return_head:
        return Code.PUT_RESP, RpbPutResp()
    return Code.PUT_RESP, RpbPutResp(content=[RpbContent(value=b"")], vclock=b"put " + request.key)


def _bucket(body: bytes, node: ScriptedNode) -> Answer:
    name = RpbGetBucketReq.FromString(body).bucket  # a bucket type's request has its name in the same place
    safe = RpbBucketProps(n_val=3, allow_mult=True, last_write_wins=False)
    return Code.GET_BUCKET_RESP, RpbGetBucketResp(props=node.properties.get(name, safe))


def _set_bucket(body: bytes, node: ScriptedNode) -> Answer:
    request = RpbSetBucketReq.FromString(body)
    node.properties.setdefault(request.bucket, RpbBucketProps()).MergeFrom(request.props)
    return Code.SET_BUCKET_RESP, None


_ANSWERS: dict[int, Callable[[bytes, ScriptedNode], Answer]] = {
    Code.PING_REQ: lambda _body, _node: (Code.PING_RESP, None),
    Code.GET_SERVER_INFO_REQ: lambda _body, node: (
        Code.GET_SERVER_INFO_RESP,
        RpbGetServerInfoResp(node=b"scripted@" + node.name.encode(), server_version=b"3.2"),
    ),
    Code.GET_REQ: _get,
    Code.PUT_REQ: _put,
    Code.DEL_REQ: lambda _body, _node: (Code.DEL_RESP, None),
    Code.LIST_KEYS_REQ: lambda _body, _node: (Code.LIST_KEYS_RESP, RpbListKeysResp(keys=[b"a"], done=True)),
    Code.GET_BUCKET_REQ: _bucket,
    Code.GET_BUCKET_TYPE_REQ: _bucket,
    Code.SET_BUCKET_REQ: _set_bucket,
}
