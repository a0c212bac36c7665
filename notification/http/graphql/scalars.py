"""The scalar `Map`: an object of names and texts, as REST has it."""

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
    """The value that a literal stands for, as if the same had come as JSON. What it may be is checked later."""
    read = _READERS.get(type(node))
    if read is None:
        raise GraphQLError("A Map holds text, numbers and booleans", node)
    return read(node, variables)


def _object(node: Any, variables: Variables) -> dict[str, Any]:
    return {field.name.value: _literal(field.value, variables) for field in node.fields}


def _list(node: Any, variables: Variables) -> list[Any]:
    return [_literal(value, variables) for value in node.values]


def _integer(node: Any, _: Variables) -> int:
    try:
        return int(node.value)
    except ValueError as error:  # Python refuses numbers of thousands of digits
        raise GraphQLError("A number of too many digits", node) from error


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
    description="Names and texts. Numbers and booleans that are sent become their JSON text.",
    serialize=lambda value: value,
    parse_value=lambda value: value,
    parse_literal=_literal,
)
