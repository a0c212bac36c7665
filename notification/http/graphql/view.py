"""`/graphql` over HTTP: POST takes queries and mutations, GET queries, and shows a page to browsers."""

from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

from aiohttp import WSCloseCode, hdrs, web
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from strawberry.aiohttp.views import GraphQLView
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from notification.errors import Malformed
from notification.http import rendering
from notification.http.body import parse_json, read_json
from notification.http.graphql.question import Question, UrlQuestion
from notification.http.graphql.schema import Context, Schema, make_schema
from notification.http.notifications import INBOX
from notification.http.origins import check_socket_origin, is_foreign
from notification.http.pages import page
from notification.http.rules import RULESET
from notification.http.stream import HUB
from notification.validation import check


class View(GraphQLView[Context, None]):
    """Strawberry's view, with our reading of bodies, our page and our headers."""

    def __init__(self, schema: Schema) -> None:
        super().__init__(schema, subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,))
        self._open: WeakSet[web.WebSocketResponse] = WeakSet()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Handles a request."""
        check_socket_origin(request)
        try:
            return await self.run(request)
        except HTTPException as error:
            if isinstance(error.__cause__, CannotGetOperationTypeError):
                return self.create_response(_no_operation(error.reason), web.Response())
            raise Malformed(error.reason) from error

    async def get_context(self, request: web.Request, response: web.Response | web.WebSocketResponse) -> Context:
        """What the fields call."""
        return Context(request.app[INBOX], request.app[RULESET], request.app[HUB], is_foreign(request))

    def is_websocket_origin_allowed(self, request: web.Request, origin: str) -> bool:
        """True: `check_socket_origin` has let it pass."""
        return True

    async def create_websocket_response(self, request: web.Request, subprotocol: str | None) -> web.WebSocketResponse:
        """A socket for subscriptions, open until its client leaves or the service stops."""
        opened = await super().create_websocket_response(request, subprotocol)
        self._open.add(opened)
        return opened

    async def close_sockets(self, _: web.Application) -> None:
        """Signal handler: when the service stops, sockets are closed first."""
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def render_graphql_ide(self, request: web.Request) -> web.Response:
        """The page for browsers."""
        return page("graphql.html")

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """The question, from the body, or from a GET's query."""
        request_ = request.request  # type: ignore[attr-defined]  # of aiohttp's adapter, the only one that comes here
        by_post = request_.method == hdrs.METH_POST
        question = check(Question, await read_json(request_)) if by_post else check(UrlQuestion, _of_query(request_))
        return GraphQLRequestData(question.query, question.variables, question.operation_name, None)

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: web.Response
    ) -> web.Response:
        """The reply."""
        headers = {"Content-Type": rendering.JSON, "Cache-Control": rendering.NO_CACHE}
        return web.Response(text=str(self.encode_json(response_data)), headers=headers)


def make_routes(application: web.Application) -> Sequence[web.AbstractRouteDef]:
    """The routes, over a schema made for them; their sockets end with the application."""
    view = View(make_schema())
    application.on_shutdown.append(view.close_sockets)
    return [web.get("/graphql", view.answer, allow_head=False), web.post("/graphql", view.answer)]


def _no_operation(reason: str) -> GraphQLHTTPResponse:
    """A document without the operation that is asked for: in GraphQL an error like others."""
    return {"data": None, "errors": [GraphQLError(reason, extensions={"code": "MALFORMED"}).formatted]}


def _of_query(request: web.Request) -> dict[str, Any]:
    sent: dict[str, Any] = dict(request.query)
    if "variables" in sent:
        sent["variables"] = parse_json(sent["variables"])
    return sent
