"""The routes of `/graphql`. The first request imports the endpoint and builds the schema.

Nothing here imports GraphQL's libraries, because they and the schema take 10 MB and few processes ever receive such a
request.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from notification.http.first_use import FirstUse

if TYPE_CHECKING:
    from notification.http.graphql.endpoint import GraphQLEndpoint

Ide = Literal["builtin", "graphiql"]
"""`graphql.ide`: the page for browsers, the service's own or strawberry's."""


def make_routes(application: web.Application, ide: Ide) -> Sequence[web.AbstractRouteDef]:
    """Make the routes. The sockets close when the application stops."""
    endpoint = FirstUse(partial(_make_endpoint, ide))

    async def handle(request: web.Request) -> web.StreamResponse:
        return await (await endpoint.get()).handle(request)

    async def close_sockets(_application: web.Application) -> None:
        if (made := await endpoint.if_begun()) is not None:
            await made.close_sockets()

    application.on_shutdown.append(close_sockets)
    return [web.get("/graphql", handle, allow_head=False), web.post("/graphql", handle)]


def _make_endpoint(ide: Ide) -> "GraphQLEndpoint":
    from notification.http.graphql.endpoint import make_endpoint

    return make_endpoint(ide)
