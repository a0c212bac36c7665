"""The scalar `Map`: a JSON object with text values, like `properties` in REST."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NewType

import strawberry
from graphql import (
    BooleanValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from notification.domain.drafts import JsonFloat

Map = NewType("Map", object)

Variables = Mapping[str, Any] | None


def _literal(node: ValueNode, variables: Variables = None) -> Any:
    """Convert a literal to the value of the same JSON. The service checks the types of values later."""
    read = _READERS.get(type(node))
    if read is None:
        raise GraphQLError("A Map contains texts, numbers and booleans", node)
    return read(node, variables)


def _object(node: Any, variables: Variables) -> dict[str, Any]:
    return {field.name.value: _literal(field.value, variables) for field in node.fields}


def _list(node: Any, variables: Variables) -> list[Any]:
    return [_literal(value, variables) for value in node.values]


def _integer(node: Any, _: Variables) -> int:
    try:
        return int(node.value)
    except ValueError as error:  # Python refuses to parse thousands of digits
        raise GraphQLError("The number has too many digits", node) from error


def _variable(node: Any, variables: Variables) -> Any:
    return (variables or {}).get(node.name.value)


_READERS: Final[dict[type[ValueNode], Callable[[Any, Variables], Any]]] = {
    ObjectValueNode: _object,
    ListValueNode: _list,
    IntValueNode: _integer,
    VariableNode: _variable,
    FloatValueNode: lambda node, _: JsonFloat(node.value),
    StringValueNode: lambda node, _: node.value,
    BooleanValueNode: lambda node, _: node.value,
    NullValueNode: lambda *_: None,
}

MAP: Final = strawberry.scalar(
    name="Map",
    description="A JSON object with text values. Numbers and booleans in a request become their JSON text.",
    serialize=lambda value: value,
    parse_value=lambda value: value,
    parse_literal=_literal,
)
