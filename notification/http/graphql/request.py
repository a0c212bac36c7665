"""The requests that `/graphql` accepts."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from notification.http.graphql.limits import MAX_DOCUMENT, MAX_URL_DOCUMENT


class GraphQLRequest(BaseModel):
    """A GraphQL document and the values of its variables."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    query: Annotated[str, Field(min_length=1, max_length=MAX_DOCUMENT, description="The GraphQL document.")]
    variables: Annotated[dict[str, Any] | None, Field(description="Values of the variables, by name.")] = None
    operation_name: Annotated[
        Annotated[str, Field(max_length=MAX_DOCUMENT)] | None,
        Field(alias="operationName", description="The operation to run. Required if the document has several."),
    ] = None


class GraphQLUrlRequest(GraphQLRequest):
    """A GraphQL request in the query of a URL. Its document must be shorter."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_URL_DOCUMENT, description="The GraphQL document.")]
