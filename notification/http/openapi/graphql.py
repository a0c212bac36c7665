"""GraphQL: one operation for everything."""

from typing import Annotated, Final

from pydantic import Field

from notification.domain.ranges import MAX_LIMIT
from notification.http.graphql import limits
from notification.http.graphql.question import Question, UrlQuestion
from notification.http.graphql.socket import LONGEST_MESSAGE, MOST_OPERATIONS
from notification.http.openapi import shapes
from notification.http.openapi.operation import JSON, Body, Operation, Parameter, Reply
from notification.http.openapi.shared import EXAMPLE_ID
from notification.http.unread import PATIENCE

_QUERY: Final = "query List($username: String!) { notifications(username: $username, peek: true) { id message } }"
_ANSWER: Final = Body(
    type=shapes.Answer,
    example={"data": {"notifications": [{"id": EXAMPLE_ID, "message": "Ada liked your post"}]}},
)
Variables = Annotated[str, Field(json_schema_extra={"contentMediaType": JSON})]
Document = UrlQuestion.model_fields["query"].rebuild_annotation()

OPERATIONS: Final = (
    Operation(
        method="post",
        path="/graphql",
        id="askGraphQL",
        summary="Ask in GraphQL",
        description=f"Queries and mutations. A document may have {limits.LONGEST} characters, "
        f"{limits.MAX_TOKENS} tokens, {limits.MAX_DEPTH} levels, {limits.MAX_ALIASES} aliases and "
        f"{limits.MAX_SELECTIONS} fields and fragments, each fragment counted where it is used. It may ask for "
        f"{limits.MOST_NOTIFICATIONS} notifications: each `notifications` counts as its `first`, and as {MAX_LIMIT} "
        "without it, or with nested ones, and once more for each alias of `properties`. "
        "Subscriptions need a WebSocket, in the protocol `graphql-transport-ws`: "
        f"documents have the same limits there, a message has at most {LONGEST_MESSAGE} bytes, not compressed, and "
        f"{MOST_OPERATIONS} operations may be open on one socket. A client that leaves what it asked for unread for "
        f"{PATIENCE:.0f} seconds is cut off. Errors are in the "
        "answer, each with a `code` in its `extensions`: MALFORMED, INVALID, NOT_FOUND, TOO_COMPLEX, UNAVAILABLE or "
        "INTERNAL.",
        body=Body(type=Question, example={"query": _QUERY, "variables": {"username": "test"}}),
        replies={200: Reply("The answer.", (_ANSWER,), ("Cache-Control",))},
        errors=(400, 408, 413, 415, 422, 500),
    ),
    Operation(
        method="get",
        path="/graphql",
        id="askGraphQLByGet",
        summary="Ask in GraphQL by URL",
        description="Queries only; `notifications` moves the cursor unless it peeks. A browser, which sends no "
        "`query`, gets a page to write them on.",
        parameters=(
            Parameter(
                name="query",
                where="query",
                type=Document,
                example="{ rules { category } }",
                description="The document.",
            ),
            Parameter(
                name="variables",
                where="query",
                type=Variables,
                example='{"username": "test"}',
                description="Values of its variables by name, as JSON.",
            ),
            Parameter(name="operationName", where="query", type=str, description="Which of its operations."),
        ),
        replies={
            200: Reply("The answer, or the page.", (_ANSWER, Body(type=str, media="text/html")), ("Cache-Control",))
        },
        errors=(400, 422, 500),
    ),
)
