"""Operations over a WebSocket, in the protocol `graphql-transport-ws`.

The limits of a POST apply to each message. A client that does not read is disconnected.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from aiohttp import ClientError, WSCloseCode, WSMsgType, web
from strawberry.aiohttp.views import AiohttpWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation

from notification.domain.drafts import check
from notification.domain.errors import Invalid, Malformed
from notification.http.graphql.errors import CODES
from notification.http.graphql.request import GraphQLRequest
from notification.http.json_body import parse_json
from notification.http.slow_clients import WRITE_BUFFER, cut_off_if_unread

MAX_MESSAGE: Final = 256 * 1024
"""Maximum size of a client's message, in bytes."""
MAX_OPERATIONS: Final = 20
"""Maximum number of open operations on one socket."""
CLOSE_TIMEOUT: Final = 2.0
"""Seconds that a client has to confirm that the socket is closed."""
PING_INTERVAL: Final = 30.0
"""Seconds between two pings. A client that does not reply within half of this is disconnected."""
_MAX_REASON: Final = 123
"""Maximum bytes of a reason for closing, which must fit into a control frame (RFC 6455, section 5.5)."""

log = structlog.get_logger()


class BoundedSocket(web.WebSocketResponse):
    """A socket with bounded buffers and timeouts. It refuses compression, because a small frame could
    expand to megabytes."""

    def __init__(self, transport: asyncio.WriteTransport | None, subprotocol: str | None) -> None:
        super().__init__(
            protocols=[subprotocol] if subprotocol else [],
            timeout=CLOSE_TIMEOUT,
            autoping=False,
            heartbeat=PING_INTERVAL,
            compress=False,
            max_msg_size=MAX_MESSAGE,
            writer_limit=WRITE_BUFFER,
        )
        self._transport = transport

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True) -> bool:
        """Close the socket. aiohttp calls it too, after a client's protocol error."""
        with cut_off_if_unread(self._transport):
            return await super().close(code=code, message=message, drain=drain)


class Socket(AiohttpWebSocketAdapter):
    """Strawberry's adapter with the JSON parser of REST. It sends one message at a time, and waits for the client."""

    def __init__(self, view: Any, request: web.Request, ws: web.WebSocketResponse) -> None:
        super().__init__(view, request, ws)
        self._sending = asyncio.Lock()

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """Yield the client's messages."""
        async for message in self.ws:
            if message.type is WSMsgType.BINARY:
                raise NonTextMessageReceived
            if message.type is WSMsgType.PING:
                await self._pong(message.data)
            if message.type is WSMsgType.TEXT:
                try:
                    yield parse_json(message.data)
                except Malformed as error:
                    raise NonJsonMessageReceived from error

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message, and wait until the client has read nearly everything."""
        async with self._in_turn():
            await super().send_json(message)

    async def close(self, code: int, reason: str) -> None:
        """Close the socket. The reason is truncated to the size of a control frame."""
        short = reason.encode("utf-8", "replace")[:_MAX_REASON].decode("utf-8", "ignore")
        await super().close(code, short)

    async def _pong(self, data: bytes) -> None:
        async with self._in_turn():
            await self.ws.pong(data)

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        async with self._sending:
            try:
                with cut_off_if_unread(self.request.transport):
                    yield
            except (ClientError, ConnectionError) as error:
                raise WebSocketDisconnected from error


class Protocol(BaseGraphQLTransportWSHandler[Any, None]):
    """Strawberry's handler, which checks every message first."""

    async def handle_message(self, message: Any) -> None:
        """Handle a message; close the socket if it is invalid."""
        if _is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Failed to parse message")

    async def handle_subscribe(self, message: Any) -> None:
        """Start an operation. Refuses it if too many are open, or if it exceeds the limits of a POST."""
        if self.connection_acknowledged and message["id"] not in self.operations:
            if len(self.operations) >= MAX_OPERATIONS:
                text = f"At most {MAX_OPERATIONS} operations on one socket"
                return await self._refuse(message["id"], text, code="TOO_COMPLEX")
            try:
                sent = check(GraphQLRequest, message["payload"])
                message["payload"]["operationName"] = sent.operation_name
            except Invalid as error:
                return await self._refuse(message["id"], error.message, code=CODES[422], errors=list(error.reasons))
        return await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Run an operation, when it has its turn of the event loop."""
        await self.context.pacer.turn()
        await super().run_operation(operation)

    async def handle_task_exception(self, error: Exception) -> None:
        """Log the error that ended a task, unless the client has left."""
        if not isinstance(error, WebSocketDisconnected):
            log.error("defect", reason=str(error), exc_info=error)

    async def _refuse(self, id_: str, message: str, **extensions: Any) -> None:
        await self.send_message(
            {"id": id_, "type": "error", "payload": [{"message": message, "extensions": extensions}]}
        )


def _is_message(message: Any) -> bool:
    """Whether a message has the fields that its type requires. Strawberry refuses unknown types."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] in ("subscribe", "complete") and not isinstance(message.get("id"), str):
        return False
    return message["type"] != "subscribe" or isinstance(message.get("payload"), dict)
