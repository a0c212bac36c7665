"""The application of the HTTP tests, asked in GraphQL."""

from typing import Any

from tests.http.conftest import Client, client, clock, open_client

__all__ = ["ask", "client", "clock", "codes", "open_client"]


async def ask(client: Client, query: str, **variables: Any) -> Any:
    """The whole reply to a document."""
    reply = await client.call("POST", "/graphql", 200, json={"query": query, "variables": variables})
    return await reply.json()


def codes(answer: Any) -> list[str]:
    """The codes of a reply's errors."""
    return [error["extensions"]["code"] for error in answer["errors"]]
