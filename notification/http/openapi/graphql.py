"""Operations of GraphQL."""

from typing import Annotated, Final

from pydantic import Field

from notification.domain.ranges import MAX_LIMIT
from notification.http.graphql import limits
from notification.http.graphql.request import DOCUMENT, GraphQLBatch, GraphQLRequest, GraphQLUrlRequest
from notification.http.graphql.socket import MAX_MESSAGE, MAX_OPERATIONS
from notification.http.openapi import shapes
from notification.http.openapi.operation import JSON, Body, Operation, Parameter, Reply
from notification.http.openapi.shared import EXAMPLE_ID
from notification.http.slow_clients import WRITE_TIMEOUT

_QUERY: Final = "query List($username: String!) { notifications(username: $username, peek: true) { id message } }"
_RESULT: Final = Body(
    type=shapes.GraphQLResult,
    example={"data": {"notifications": [{"id": EXAMPLE_ID, "message": "Ada liked your post"}]}},
)
Variables = Annotated[str, Field(json_schema_extra={"contentMediaType": JSON})]
_RESULTS: Final = Body(type=shapes.GraphQLResult | list[shapes.GraphQLResult], example=_RESULT.example)
Request = GraphQLRequest | GraphQLBatch.model_fields["batch"].rebuild_annotation()
Text = GraphQLRequest.model_fields["query"].rebuild_annotation()
Document = GraphQLUrlRequest.model_fields["query"].rebuild_annotation()

OPERATIONS: Final = (
    Operation(
        method="post",
        path="/graphql",
        id="askGraphQL",
        summary="Run a query or mutation",
        description=f"A document has at most {limits.MAX_DOCUMENT} characters, {limits.MAX_TOKENS} tokens, "
        f"{limits.MAX_DEPTH} levels, {limits.MAX_ALIASES} aliases, and {limits.MAX_SELECTIONS} fields and fragments; a "
        f"fragment counts as often as it is spread. It can ask for at most {limits.MAX_NOTIFICATIONS} notifications: "
        f"each `notifications` field counts as its `first`, or as {MAX_LIMIT} if it has no `first` or selects nested "
        "notifications, and once more for each alias of `properties`. "
        f"The body is a request, a batch, or with `Content-Type: {DOCUMENT}` the document itself. A batch is an array "
        f"of at most {limits.MAX_BATCH} requests, which run one after the other. In total, its documents have the "
        "limits of one, and the outermost fields of all but the first count as aliases; a batch that exceeds them runs "
        "nothing. "
        "Errors are part of the result, each with a `code` in its `extensions`: `MALFORMED`, "
        "`INVALID`, `TOO_COMPLEX`, `UNAVAILABLE` or `INTERNAL`. Subscriptions require a WebSocket with "
        "the protocol `graphql-transport-ws`. The same limits apply there. In addition, a message has at most "
        f"{MAX_MESSAGE} bytes and must not be compressed, and a socket has at most {MAX_OPERATIONS} open operations. A "
        f"client that reads nothing for {WRITE_TIMEOUT:.0f} seconds is disconnected.",
        parameters=(
            Parameter(
                name="variables",
                where="query",
                type=Variables,
                description=f"Values of the variables, as a JSON object, for a body of `{DOCUMENT}`.",
            ),
            Parameter(
                name="operationName",
                where="query",
                type=str,
                description=f"The operation to run, for a body of `{DOCUMENT}`.",
            ),
        ),
        bodies=(
            Body(type=Request, example={"query": _QUERY, "variables": {"username": "test"}}),
            Body(type=Text, media=DOCUMENT, example="{ rules { category } }"),
        ),
        replies={
            200: Reply(
                "Returns the result; for a batch, the results in the order of its requests.",
                (_RESULTS,),
                ("Cache-Control",),
            )
        },
        errors=(400, 408, 413, 415, 422, 500),
    ),
    Operation(
        method="get",
        path="/graphql",
        id="askGraphQLByGet",
        summary="Run a query by URL",
        description="Runs queries only. `notifications` moves the cursor unless `peek` is true. Without a `query`, a "
        "browser gets a page to write queries in.",
        parameters=(
            Parameter(
                name="query",
                where="query",
                type=Document,
                example="{ rules { category } }",
                description="The GraphQL document.",
            ),
            Parameter(
                name="variables",
                where="query",
                type=Variables,
                example='{"username": "test"}',
                description="Values of the variables, as a JSON object.",
            ),
            Parameter(
                name="operationName",
                where="query",
                type=str,
                description="The operation to run. Required if the document has several.",
            ),
        ),
        replies={
            200: Reply(
                "Returns the result, or the page.", (_RESULT, Body(type=str, media="text/html")), ("Cache-Control",)
            )
        },
        errors=(400, 422, 500),
    ),
)
