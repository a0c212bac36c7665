"""Build the OpenAPI document from the areas and the types that they refer to."""

import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final

from pydantic import TypeAdapter

from notification.http.openapi import cursors, graphql, notifications, operators, rules, service
from notification.http.openapi.operation import Operation, Schema, Schemas
from notification.http.openapi.shared import ALWAYS, ERRORS, HEADERS

AREAS: Final[dict[str, tuple[str, tuple[Operation, ...]]]] = {
    "Notifications": (
        "Create, list, count, remove and watch the notifications of a user's feed.",
        notifications.OPERATIONS,
    ),
    "Cursors": ("Retrieve and move the position up to which a user has seen a feed.", cursors.OPERATIONS),
    "Rules": ("Configure how notifications of a category are rolled up under the newest one.", rules.OPERATIONS),
    "GraphQL": ("The same operations in one GraphQL schema.", graphql.OPERATIONS),
    "Service": ("Version, liveness and pages of the service.", service.OPERATIONS),
    "Operators": ("Health and metrics. Keep these paths private.", operators.OPERATIONS),
}
"""Description and operations, by the name of an area."""

_BELOW_BASE: Final = "/v1/"
ABOUT: Final = (
    "Every user's in-app notification feed. A 201 or 204 means that the change is stored; a 4xx means that nothing "
    "was stored. A 503 means that the store is unavailable; its message says whether anything may have changed. If "
    "you send an `X-Request-Id`, the reply and the log contain it. JSON is UTF-8; times are UTC with milliseconds."
)


def make_document(base_path: str = "") -> Schema:
    """Build the document (OpenAPI 3.1). `base_path`: the prefix of the REST paths."""
    operations = [one for _, area in AREAS.values() for one in area]
    schemas, components = _schemas(operations)
    paths: dict[str, Schema] = {_path(operation, base_path): {} for operation in operations}
    for name, (_, area) in AREAS.items():
        for operation in area:
            paths[_path(operation, base_path)][operation.method] = _with_headers(
                {"tags": [name], **operation.render(schemas)}
            )
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


def _path(operation: Operation, base_path: str) -> str:
    """Return the full path. Only the paths of REST are below the base path; GraphQL, pages and probes are not."""
    return base_path + operation.path if operation.path.startswith(_BELOW_BASE) else operation.path


def _without_unused(document: Schema) -> Schema:
    """Remove the headers and replies that nothing refers to."""
    for kind in ("responses", "headers"):
        used = json.dumps(document)
        components = document["components"][kind]
        kept = {name: part for name, part in components.items() if f'"#/components/{kind}/{name}"' in used}
        document["components"][kind] = kept
    return document


def _schemas(operations: Iterable[Operation]) -> tuple[Schemas, Schema]:
    """Make the schema of each type, and the components that the schemas refer to."""
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
    """Add the headers that every reply has, unless the reply is a reference."""
    if "$ref" in reply:
        return reply
    common = {name: {"$ref": f"#/components/headers/{name}"} for name in ALWAYS}
    return {**reply, "headers": {**reply["headers"], **common}}
