"""Handle `/graphql`: POST runs queries and mutations, GET runs queries or returns a page to browsers."""

import asyncio
from contextlib import suppress
from typing import Any, Final, cast

from aiohttp import ClientError, WSCloseCode, web
from cross_web import AiohttpHTTPRequestAdapter, AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from strawberry.aiohttp.views import GraphQLView
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from notification.domain.errors import Malformed
from notification.http import serializers
from notification.http.graphql.graphiql import graphiql
from notification.http.graphql.limits import excess_of_batch
from notification.http.graphql.pacer import Pacer
from notification.http.graphql.request import GraphQLBatch, GraphQLRequest, read_request
from notification.http.graphql.routes import Ide
from notification.http.graphql.schema import Context, Schema, make_schema
from notification.http.graphql.socket import BoundedSocket, Protocol, Socket
from notification.http.html_pages import html, page
from notification.http.keys import HUB, INBOX, ORIGINS, RULES_SERVICE
from notification.http.origins import check_socket_origin, is_foreign
from notification.http.slow_clients import WRITE_TIMEOUT, bound_buffers, cut_off_if_unread

SHUTDOWN_TIMEOUT: Final = 0.5
"""Seconds that all sockets have, in total, to close when the service stops."""
LARGE: Final = 64 * 1024
"""Size in bytes above which the buffers of the operating system can't hold a reply that the client does not read."""


class GraphQLEndpoint(GraphQLView[Context, None]):
    """Strawberry's view with the service's own request parser, page and headers."""

    websocket_adapter_class = Socket
    graphql_transport_ws_handler_class = Protocol

    def __init__(self, schema: Schema, ide: Ide) -> None:
        super().__init__(schema, subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,))
        self._open: dict[int, tuple[web.WebSocketResponse, asyncio.WriteTransport | None]] = {}
        """The open sockets and their transports, by `id` of the request."""
        self._pacer = Pacer()
        self._page = graphiql() if ide == "graphiql" else None
        """The page for browsers and its policy, if it is not the built-in one."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Handle a request, and begin at most one in each turn of the event loop: many can arrive together, and each
        takes a millisecond or more."""
        check_socket_origin(request)
        await self._pacer.turn()
        response = await self._run(request)
        if isinstance(response, web.Response):
            await _send_if_large(request, response)
        return response

    async def _run(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self.run(request)
        except HTTPException as error:
            raise Malformed(error.reason) from error
        except (ConnectionError, ClientError):  # the client left before its socket was open
            return web.Response()
        finally:
            self._forget(request)

    async def get_context(self, request: web.Request, response: web.Response | web.WebSocketResponse) -> Context:
        """Make the context of the fields."""
        is_socket = isinstance(response, web.WebSocketResponse)
        return Context(
            request.app[INBOX],
            request.app[RULES_SERVICE],
            request.app[HUB],
            self._pacer,
            is_socket,
            is_foreign(request, request.app[ORIGINS]),
        )

    def is_websocket_origin_allowed(self, request: web.Request, origin: str) -> bool:
        """Return true, because `check_socket_origin` has checked the origin."""
        return True

    async def create_websocket_response(self, request: web.Request, subprotocol: str | None) -> web.WebSocketResponse:
        """Open a socket for subscriptions. It stays open until the client leaves or the service stops."""
        opened = BoundedSocket(request.transport, subprotocol)
        await opened.prepare(request)
        bound_buffers(request.transport)
        self._open[id(request)] = opened, request.transport
        return opened

    async def close_sockets(self) -> None:
        """Close all WebSockets when the service stops; abort those whose clients do not confirm the close in time."""
        opened = list(self._open.values())
        closing = [asyncio.create_task(one.close(code=WSCloseCode.GOING_AWAY)) for one, _ in opened]
        if closing:
            await asyncio.wait(closing, timeout=SHUTDOWN_TIMEOUT)
        for _, transport in opened:
            if transport is not None:
                transport.abort()
        for task in closing:
            task.cancel()
        await asyncio.gather(*closing, return_exceptions=True)

    def _forget(self, request: web.Request) -> None:
        """Remove the request's socket. If its transport has unsent bytes, abort it in `WRITE_TIMEOUT` seconds."""
        _, transport = self._open.pop(id(request), (None, None))
        if transport is not None and transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(WRITE_TIMEOUT, transport.abort)

    async def render_graphql_ide(self, request: web.Request) -> web.Response:
        """Return the page for browsers."""
        return page("graphql.html") if self._page is None else html(*self._page)

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData | list[GraphQLRequestData]:
        """Parse the request, or the batch of requests."""
        sent = await read_request(cast("AiohttpHTTPRequestAdapter", request).request)
        return [_data(one) for one in sent.batch] if isinstance(sent, GraphQLBatch) else _data(sent)

    async def execute_operation(
        self,
        request: web.Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: Context,
        root_value: None,
        sub_response: web.Response,
    ) -> Any:
        """Run a request, or the requests of a batch in order. No request runs if the batch exceeds a limit in total."""
        if not isinstance(request_data, list):
            return await super().execute_operation(
                request, request_adapter, request_data, context, root_value, sub_response
            )
        if reason := excess_of_batch([(one.query or "", one.variables or {}) for one in request_data]):
            return [_failed(reason, "TOO_COMPLEX") for _ in request_data]
        results = []
        for one in request_data:
            await self._pacer.turn()
            results.append(await self.execute_single(request, request_adapter, sub_response, context, root_value, one))
        return results

    async def execute_single(
        self,
        request: web.Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: web.Response,
        context: Context,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Run a request. If the document lacks the requested operation, return an error in place of a status of 400."""
        try:
            return await super().execute_single(
                request, request_adapter, sub_response, context, root_value, request_data
            )
        except HTTPException as error:
            if isinstance(error.__cause__, CannotGetOperationTypeError):
                return _failed(error.reason, "MALFORMED")
            raise

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: web.Response
    ) -> web.Response:
        """Make the reply."""
        headers = {"Content-Type": serializers.JSON, "Cache-Control": serializers.NO_CACHE}
        return web.Response(text=str(self.encode_json(response_data)) + "\n", headers=headers)


def make_endpoint(ide: Ide) -> GraphQLEndpoint:
    """Make the endpoint and its schema."""
    return GraphQLEndpoint(make_schema(), ide)


async def _send_if_large(request: web.Request, response: web.Response) -> None:
    """Send a reply now if it is large, so that a client that does not read it can be disconnected."""
    if not isinstance(response.body, bytes) or len(response.body) <= LARGE:
        return
    with suppress(ConnectionError, ClientError), cut_off_if_unread(request.transport):
        await response.prepare(request)
        await response.write_eof()


def _data(sent: GraphQLRequest) -> GraphQLRequestData:
    return GraphQLRequestData(sent.query, sent.variables, sent.operation_name, None)


def _failed(reason: str, code: str) -> ExecutionResult:
    return ExecutionResult(None, [GraphQLError(reason, extensions={"code": code})])
