"""The parts of an operation's description. Schemas are made from types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

JSON: Final = "application/json"
Schema = dict[str, Any]
Schemas = Mapping[int, Schema]
"""The schema of each type, by `id` of the type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body of one media type."""

    type: Any
    example: object = None
    media: str = JSON

    def render(self, schemas: Schemas) -> Schema:
        """Return the OpenAPI media type object, by media type."""
        shown = {} if self.example is None else {"example": self.example}
        return {self.media: {"schema": schemas[id(self.type)], **shown}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter in the path, the query or a header."""

    name: str
    where: Literal["path", "query", "header"]
    description: str
    type: Any = str
    example: object = None

    def render(self, schemas: Schemas) -> Schema:
        """Return the OpenAPI parameter object."""
        shown = {} if self.example is None else {"example": self.example}
        return {
            "name": self.name,
            "in": self.where,
            "required": self.where == "path",
            "description": self.description,
            "schema": schemas[id(self.type)],
            **shown,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply. `headers`: names in `shared.HEADERS`, except those that every reply has. A trailing `?` marks a
    header as optional."""

    description: str
    bodies: tuple[Body, ...] = ()
    headers: tuple[str, ...] = ()

    def render(self, schemas: Schemas) -> Schema:
        """Return the OpenAPI response object."""
        content: Schema = {}
        for body in self.bodies:
            content |= body.render(schemas)
        headers = {name.rstrip("?"): {"$ref": f"#/components/headers/{_component(name)}"} for name in self.headers}
        return {"description": self.description, "headers": headers, **({"content": content} if content else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A method of a path. `errors`: status codes in `shared.ERRORS`."""

    method: Literal["get", "post", "put", "delete"]
    path: str
    id: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Body, ...] = ()
    """The request body in each of its media types; empty if the operation has no body."""
    replies: Mapping[int, Reply]
    errors: tuple[int, ...] = field(default=())

    def types(self) -> Iterator[Any]:
        """Yield the type of every parameter and body."""
        yield from (parameter.type for parameter in self.parameters)
        yield from (body.type for reply in self.replies.values() for body in reply.bodies)
        yield from (body.type for body in self.bodies)

    def render(self, schemas: Schemas) -> Schema:
        """Return the OpenAPI operation object."""
        replies = {str(status): reply.render(schemas) for status, reply in self.replies.items()}
        errors = {str(status): {"$ref": f"#/components/responses/{status}"} for status in self.errors}
        content: Schema = {}
        for body in self.bodies:
            content |= body.render(schemas)
        return {
            "operationId": self.id,
            "summary": self.summary,
            "description": self.description,
            "parameters": [parameter.render(schemas) for parameter in self.parameters],
            **({"requestBody": {"required": True, "content": content}} if content else {}),
            "responses": {**replies, **errors},
        }


def _component(name: str) -> str:
    return f"{name[:-1]}-if-any" if name.endswith("?") else name
