"""The requests that `/graphql` accepts."""

from typing import Annotated, Any, Final

from aiohttp import hdrs, web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from notification.domain.drafts import check
from notification.domain.errors import Malformed, UnsupportedMedia
from notification.http.graphql.limits import MAX_BATCH, MAX_DOCUMENT, MAX_URL_DOCUMENT
from notification.http.json_body import parse_json, read_body

DOCUMENT: Final = "application/graphql"
"""The media type of a body that consists of the GraphQL document alone."""


class GraphQLRequest(BaseModel):
    """A GraphQL document and the values of its variables."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    query: Annotated[str, Field(min_length=1, max_length=MAX_DOCUMENT, description="The GraphQL document.")]
    variables: Annotated[dict[str, Any] | None, Field(description="Values of the variables, by name.")] = None
    operation_name: Annotated[
        Annotated[str, Field(max_length=MAX_DOCUMENT)] | None,
        AfterValidator(lambda name: name or None),
        Field(alias="operationName", description="The operation to run. Required if the document has several."),
    ] = None


class GraphQLUrlRequest(GraphQLRequest):
    """A GraphQL request in the query of a URL. Its document must be shorter."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_URL_DOCUMENT, description="The GraphQL document.")]


class GraphQLBatch(BaseModel):
    """Several requests, which run one after the other."""

    model_config = ConfigDict(strict=True, frozen=True)

    batch: Annotated[list[GraphQLRequest], Field(min_length=1, max_length=MAX_BATCH)]


async def read_request(request: web.Request) -> GraphQLRequest | GraphQLBatch:
    """Read the request from the body of a POST or from the query of a GET."""
    if request.method != hdrs.METH_POST:
        return check(GraphQLUrlRequest, _query_fields(request))
    if request.content_type == DOCUMENT:
        return check(GraphQLRequest, {**_query_fields(request), "query": _text(await read_body(request))})
    if request.content_type != "application/json":
        raise UnsupportedMedia(f"The body must be application/json or {DOCUMENT}")
    sent = parse_json(await read_body(request))
    return check(GraphQLBatch, {"batch": sent}) if isinstance(sent, list) else check(GraphQLRequest, sent)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("The document is not UTF-8") from error


def _query_fields(request: web.Request) -> dict[str, Any]:
    sent: dict[str, Any] = dict(request.query)
    if "variables" in sent:
        sent["variables"] = parse_json(sent["variables"])
    return sent
