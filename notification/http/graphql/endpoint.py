"""`/graphql` over HTTP: POST takes queries and mutations, GET queries, and shows a page to browsers."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from aiohttp import ClientError, WSCloseCode, hdrs, web
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from strawberry.aiohttp.views import GraphQLView
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from notification.domain.drafts import check
from notification.domain.errors import Malformed
from notification.http import serializers
from notification.http.graphql.pacer import Pacer
from notification.http.graphql.request import GraphQLRequest, GraphQLUrlRequest
from notification.http.graphql.schema import Context, Schema, make_schema
from notification.http.graphql.socket import BoundedSocket, Protocol, Socket
from notification.http.html_pages import page
from notification.http.json_body import parse_json, read_json
from notification.http.keys import HUB, INBOX, RULES_SERVICE
from notification.http.origins import check_socket_origin, is_foreign
from notification.http.slow_clients import WRITE_TIMEOUT, bound_buffers, cut_off_if_unread

SHUTDOWN_TIMEOUT: Final = 0.5
"""Seconds that all sockets together have to close when the service stops."""
LARGE: Final = 64 * 1024
"""Bytes of a reply that a client which does not read can't leave to the system."""


class GraphQLEndpoint(GraphQLView[Context, None]):
    """Strawberry's view, with our reading of bodies, our page and our headers."""

    websocket_adapter_class = Socket
    graphql_transport_ws_handler_class = Protocol

    def __init__(self, schema: Schema) -> None:
        super().__init__(schema, subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,))
        self._open: dict[int, tuple[web.WebSocketResponse, asyncio.WriteTransport | None]] = {}
        """By the identity of the request."""
        self._pacer = Pacer()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Handles a request."""
        check_socket_origin(request)
        try:
            response = await self.run(request)
        except HTTPException as error:
            if isinstance(error.__cause__, CannotGetOperationTypeError):
                return self.create_response(_no_operation(error.reason), web.Response())
            raise Malformed(error.reason) from error
        except (ConnectionError, ClientError):  # the client left before its socket was open
            return web.Response()
        finally:
            self._forget(request)
        if isinstance(response, web.Response):
            await _deliver(request, response)
        return response

    async def get_context(self, request: web.Request, response: web.Response | web.WebSocketResponse) -> Context:
        """What the fields call."""
        is_socket = isinstance(response, web.WebSocketResponse)
        return Context(
            request.app[INBOX],
            request.app[RULES_SERVICE],
            request.app[HUB],
            self._pacer,
            is_socket,
            is_foreign(request),
        )

    def is_websocket_origin_allowed(self, request: web.Request, origin: str) -> bool:
        """True: `check_socket_origin` has let it pass."""
        return True

    async def create_websocket_response(self, request: web.Request, subprotocol: str | None) -> web.WebSocketResponse:
        """A socket for subscriptions, open until its client leaves or the service stops."""
        opened = BoundedSocket(request.transport, subprotocol)
        await opened.prepare(request)
        bound_buffers(request.transport)
        self._open[id(request)] = opened, request.transport
        return opened

    async def close_sockets(self, _application: web.Application) -> None:
        """Signal handler: when the service stops, sockets are closed first; those of clients that do not answer are cut
        off."""
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
        """Ends what is kept of a request's socket. What still waits to be sent has some seconds left: the closing
        message is a part of it."""
        _, transport = self._open.pop(id(request), (None, None))
        if transport is not None and transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(WRITE_TIMEOUT, transport.abort)

    async def render_graphql_ide(self, request: web.Request) -> web.Response:
        """The page for browsers."""
        return page("graphql.html")

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """The question, from the body, or from a GET's query."""
        request_ = request.request  # type: ignore[attr-defined]  # of aiohttp's adapter, the only one that comes here
        by_post = request_.method == hdrs.METH_POST
        question = (
            check(GraphQLRequest, await read_json(request_))
            if by_post
            else check(GraphQLUrlRequest, _of_query(request_))
        )
        return GraphQLRequestData(question.query, question.variables, question.operation_name, None)

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: web.Response
    ) -> web.Response:
        """The reply."""
        headers = {"Content-Type": serializers.JSON, "Cache-Control": serializers.NO_CACHE}
        return web.Response(text=str(self.encode_json(response_data)) + "\n", headers=headers)


def make_routes(application: web.Application) -> Sequence[web.AbstractRouteDef]:
    """The routes, over a schema made for them; their sockets end with the application."""
    endpoint = GraphQLEndpoint(make_schema())
    application.on_shutdown.append(endpoint.close_sockets)
    return [web.get("/graphql", endpoint.answer, allow_head=False), web.post("/graphql", endpoint.answer)]


async def _deliver(request: web.Request, response: web.Response) -> None:
    """Sends a large reply here, where a client that does not read it can be cut off."""
    if not isinstance(response.body, bytes) or len(response.body) <= LARGE:
        return
    with suppress(ConnectionError, ClientError), cut_off_if_unread(request.transport):
        await response.prepare(request)
        await response.write_eof()


def _no_operation(reason: str) -> GraphQLHTTPResponse:
    """A document without the operation that is asked for: in GraphQL an error like others."""
    return {"data": None, "errors": [GraphQLError(reason, extensions={"code": "MALFORMED"}).formatted]}


def _of_query(request: web.Request) -> dict[str, Any]:
    sent: dict[str, Any] = dict(request.query)
    if "variables" in sent:
        sent["variables"] = parse_json(sent["variables"])
    return sent
