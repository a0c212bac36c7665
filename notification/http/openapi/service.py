"""The service itself."""

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
        summary="Show where to go from here",
        description="`/admin` is among the links if it is served on this port.",
        replies={
            200: Reply(
                "Links, as JSON or, if `Accept` names `text/html`, as a page.",
                (Body(type=Links, example=_LINKS), Body(type=Text, media="text/html")),
                ("Vary", "Content-Security-Policy?", "Cache-Control?"),
            )
        },
    ),
    Operation(
        method="get",
        path="/ping",
        id="ping",
        summary="Tell that the process answers",
        description="It tells nothing of the store.",
        replies={200: Reply("It does.", (Body(type=Text, media="text/plain", example="pong"),), ("Cache-Control",))},
    ),
    Operation(
        method="get",
        path="/version",
        id="version",
        summary="Tell the version",
        description="The version of the package that runs.",
        replies={200: Reply("The version.", (Body(type=Text, media="text/plain", example="0.1.0"),))},
    ),
    Operation(
        method="get",
        path="/openapi.json",
        id="openapi",
        summary="This document",
        description="Everything that the service answers, for programs.",
        replies={200: Reply("OpenAPI 3.1.", (Body(type=Document),), ("Cache-Control",))},
    ),
    Operation(
        method="get",
        path="/inbox/{username}",
        id="inbox",
        summary="A user's inbox, to look at",
        description="Groups that unfold, live. It calls the operations above.",
        parameters=(USERNAME,),
        replies={
            200: Reply("A page.", (Body(type=Text, media="text/html"),), ("Content-Security-Policy", "Cache-Control")),
        },
        errors=(400,),
    ),
    Operation(
        method="get",
        path="/docs",
        id="docs",
        summary="This document, to be read",
        description="Everything that the service answers, for people.",
        replies={
            200: Reply("A page.", (Body(type=Text, media="text/html"),), ("Content-Security-Policy", "Cache-Control"))
        },
    ),
)
