"""Operations on the service itself."""

from typing import Annotated, Any, Final

from pydantic import WithJsonSchema

from notification.http.openapi.operation import Body, Operation, Reply
from notification.http.openapi.shapes import Text
from notification.http.openapi.shared import USERNAME

Document = Annotated[Any, WithJsonSchema({"type": "object"})]

Links = Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]
_LINKS: Final = {
    "name": "Notification",
    "version": "0.1.0",
    "links": {"reference": "/docs", "openapi": "/openapi.json", "graphql": "/graphql", "inbox": "/inbox/demo"},
}

OPERATIONS: Final = (
    Operation(
        method="get",
        path="/",
        id="home",
        summary="List links",
        description="The links include `/admin` if this port serves it.",
        replies={
            200: Reply(
                "Returns the links as a page if `Accept` contains `text/html`, else as JSON.",
                (Body(type=Links, example=_LINKS), Body(type=Text, media="text/html")),
                ("Vary", "Content-Security-Policy?", "Cache-Control?"),
            )
        },
    ),
    Operation(
        method="get",
        path="/ping",
        id="ping",
        summary="Check that the process replies",
        description="Does not check the store.",
        replies={
            200: Reply(
                "The process replies.", (Body(type=Text, media="text/plain", example="pong"),), ("Cache-Control",)
            )
        },
    ),
    Operation(
        method="get",
        path="/version",
        id="version",
        summary="Retrieve the version",
        description="Returns the version of the installed package.",
        replies={200: Reply("Returns the version.", (Body(type=Text, media="text/plain", example="0.1.0"),))},
    ),
    Operation(
        method="get",
        path="/openapi.json",
        id="openapi",
        summary="Retrieve this document",
        description="Returns the reference of the HTTP interface, for programs.",
        replies={200: Reply("Returns an OpenAPI 3.1 document.", (Body(type=Document),), ("Cache-Control",))},
    ),
    Operation(
        method="get",
        path="/inbox/{username}",
        id="inbox",
        summary="Show a user's inbox as a page",
        description="The page updates live, and groups unfold. It calls the operations above.",
        parameters=(USERNAME,),
        replies={
            200: Reply(
                "Returns the page.", (Body(type=Text, media="text/html"),), ("Content-Security-Policy", "Cache-Control")
            ),
        },
        errors=(400,),
    ),
    Operation(
        method="get",
        path="/docs",
        id="docs",
        summary="Show this document as a page",
        description="Returns the reference of the HTTP interface, for people.",
        replies={
            200: Reply(
                "Returns the page.", (Body(type=Text, media="text/html"),), ("Content-Security-Policy", "Cache-Control")
            )
        },
    ),
)
