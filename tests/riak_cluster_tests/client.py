"""The plainest client there can be: one connection, one request at a time, no policy at all."""

import asyncio
import ssl
from types import TracebackType
from typing import Any, Self, TypeVar

from google.protobuf.message import Message

from notification.riak import riak_pb2 as pb

REPLIES: dict[int, type[Message]] = {
    0: pb.RpbErrorResp,
    8: pb.RpbGetServerInfoResp,
    10: pb.RpbGetResp,
    12: pb.RpbPutResp,
    18: pb.RpbListKeysResp,
    20: pb.RpbGetBucketResp,
}

PATIENCE = 10.0

Reply = TypeVar("Reply", bound=Message)


class ReplyError(Exception):
    """An RpbErrorResp."""


class Client:
    """A connection to one node: `async with Client(address) as client`."""

    def __init__(self, address: str) -> None:
        self._host, _, port = address.partition(":")
        self._port = int(port)
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)

    async def exchange(self, data: bytes) -> tuple[int, bytes]:
        """Send bytes, receive one frame."""
        self.writer.write(data)
        return await self.receive()

    async def receive(self) -> tuple[int, bytes]:
        """The code and the body of the next frame."""
        async with asyncio.timeout(PATIENCE):
            length = int.from_bytes(await self.reader.readexactly(4), "big")
            body = await self.reader.readexactly(length)
        return body[0], body[1:]

    async def ask(self, code: int, request: Message | None = None) -> Any:
        """Send a message; returns the reply, and raises the error that answers it."""
        body = request.SerializeToString() if request else b""
        code, body = await self.exchange((len(body) + 1).to_bytes(4, "big") + bytes([code]) + body)
        if code not in REPLIES:
            return code
        reply = REPLIES[code].FromString(body)
        if isinstance(reply, pb.RpbErrorResp):
            raise ReplyError(reply.errmsg.decode())
        return reply

    async def put(self, key: str, value: bytes, vclock: bytes | None = None, **options: Any) -> pb.RpbPutResp:
        """Put into bucket `b` of type `multi`, or as the options say."""
        content = pb.RpbContent(value=value)
        reply: pb.RpbPutResp = await self._on(11, pb.RpbPutReq, key, vclock=vclock or None, content=content, **options)
        return reply

    async def get(self, key: str, **options: Any) -> pb.RpbGetResp:
        """Get from there."""
        reply: pb.RpbGetResp = await self._on(9, pb.RpbGetReq, key, **{"deletedvclock": True, **options})
        return reply

    async def delete(self, key: str, vclock: bytes | None = None, **options: Any) -> None:
        """Delete from there."""
        await self._on(13, pb.RpbDelReq, key, vclock=vclock or None, **options)

    async def values(self, key: str, **options: Any) -> list[bytes]:
        """The sorted values of a key, tombstones left out."""
        reply = await self.get(key, **options)
        return sorted(content.value for content in reply.content if not content.deleted)

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Go on encrypted."""
        assert await self.ask(255) == 255
        await self.writer.start_tls(context, server_hostname=self._host)

    async def _on(self, code: int, request: type[Message], key: str, **options: Any) -> Any:
        place = {"bucket": b"b", "type": b"multi", "key": key.encode()}
        return await self.ask(code, request(**{**place, **options}))
