"""The whole document, from the areas and the types that they speak of."""

import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final

from pydantic import TypeAdapter

from notification.http.openapi import cursors, graphql, notifications, operators, rules, service
from notification.http.openapi.operation import Operation, Schema, Schemas
from notification.http.openapi.shared import ALWAYS, ERRORS, HEADERS

AREAS: Final[dict[str, tuple[str, tuple[Operation, ...]]]] = {
    "Notifications": ("A user's feed.", notifications.OPERATIONS),
    "Cursors": ("How far a user has come.", cursors.OPERATIONS),
    "Rules": ("How notifications of a category are rolled up under the newest of them.", rules.OPERATIONS),
    "GraphQL": ("The same, in one schema.", graphql.OPERATIONS),
    "Service": ("The service itself.", service.OPERATIONS),
    "Operators": ("For those who run it. To be kept from the outside.", operators.OPERATIONS),
}
"""Name: what it is about, its operations."""

ABOUT: Final = (
    "Every user's in-app notification feed. 201 and 204 mean that the store has it, 4xx that nothing was stored, 503 "
    "that the store gave no answer in time; its message says what is known. Send an `X-Request-Id` of your own, and "
    "the reply and the log have it too. JSON is UTF-8; times are UTC with milliseconds."
)


def make_document() -> Schema:
    """OpenAPI 3.1."""
    operations = [one for _, area in AREAS.values() for one in area]
    schemas, components = _schemas(operations)
    paths: dict[str, Schema] = {operation.path: {} for operation in operations}
    for name, (_, area) in AREAS.items():
        for operation in area:
            paths[operation.path][operation.method] = _with_headers({"tags": [name], **operation.render(schemas)})
    return _without_unused(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Notification",
                "version": version("notification-feed"),
                "description": ABOUT,
                "contact": {"name": "The operator of this service"},
            },
            "servers": [{"url": "/"}],
            "tags": [{"name": name, "description": about} for name, (about, _) in AREAS.items()],
            "paths": paths,
            "components": {
                "schemas": components,
                "headers": _headers(schemas),
                "responses": {str(status): _full(reply.render(schemas)) for status, reply in ERRORS.items()},
            },
        }
    )


def _without_unused(document: Schema) -> Schema:
    """Without headers and replies that nothing refers to."""
    for kind in ("responses", "headers"):
        used = json.dumps(document)
        components = document["components"][kind]
        kept = {name: part for name, part in components.items() if f'"#/components/{kind}/{name}"' in used}
        document["components"][kind] = kept
    return document


def _schemas(operations: Iterable[Operation]) -> tuple[Schemas, Schema]:
    """The schema of each type, and the components that they refer to."""
    types = {id(type_): type_ for operation in operations for type_ in operation.types()}
    types |= {id(body.type): body.type for reply in ERRORS.values() for body in reply.bodies}
    types |= {id(type_): type_ for _, type_, _ in HEADERS.values()}
    inputs: list[Any] = [(key, "validation", TypeAdapter(type_)) for key, type_ in types.items()]
    made, components = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")
    return {key: made[key, "validation"] for key in types}, components["$defs"]


def _headers(schemas: Schemas) -> Schema:
    made: Schema = {}
    for name, (description, type_, example) in HEADERS.items():
        header = {"description": description, "schema": schemas[id(type_)], "example": example}
        made |= {name: {**header, "required": True}, f"{name}-if-any": {**header, "required": False}}
    return made


def _with_headers(operation: Schema) -> Schema:
    replies = operation["responses"].items()
    return {**operation, "responses": {status: _full(reply) for status, reply in replies}}


def _full(reply: Schema) -> Schema:
    """A reply with the headers that every reply has; a reference stays one."""
    if "$ref" in reply:
        return reply
    common = {name: {"$ref": f"#/components/headers/{name}"} for name in ALWAYS}
    return {**reply, "headers": {**reply["headers"], **common}}
