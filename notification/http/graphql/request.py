"""What is sent to `/graphql`."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from notification.http.graphql.limits import MAX_DOCUMENT, MAX_URL_DOCUMENT


class GraphQLRequest(BaseModel):
    """A GraphQL document, and the values of its variables."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    query: Annotated[str, Field(min_length=1, max_length=MAX_DOCUMENT, description="The document.")]
    variables: Annotated[dict[str, Any] | None, Field(description="Values of its variables by name.")] = None
    operation_name: Annotated[
        Annotated[str, Field(max_length=MAX_DOCUMENT)] | None,
        Field(alias="operationName", description="Which of its operations; needed where it has several."),
    ] = None


class GraphQLUrlRequest(GraphQLRequest):
    """The same in a URL, where there is less room."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_URL_DOCUMENT, description="The document.")]
