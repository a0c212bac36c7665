"""What a document may ask for. It is measured before it is validated, and long before a use case is called.

The length bounds what the parser reads, the tokens what it builds. Selections are counted as they are carried out,
each fragment as often as it is spread, and counting stops at the limit: so fragments that spread each other, in
circles or doubling each time, cost no more than others. The introspection query that GraphQL's own tools send has 239
selections and is 15 deep. Validation compares fields of one name pair by pair, which is why there is a limit at all.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from notification.domain.ranges import MAX_LIMIT

LONGEST: Final = 32 * 1024
"""Characters of a document: a removal of 1000 ids fits."""
MAX_URL_DOCUMENT: Final = 4096
"""Characters of a document in a GET's query: percent-encoded, each may take twelve of the 64 KiB of a request line."""
MAX_TOKENS: Final = 1200
"""A removal of 1000 ids fits here too."""
MAX_DEPTH: Final = 20
MAX_ALIASES: Final = 15
MAX_SELECTIONS: Final = 250

MOST_NOTIFICATIONS: Final = 2 * MAX_LIMIT
"""Notifications that one document may ask for: two whole feeds."""


class Limits(SchemaExtension):
    """Refuses documents that ask for too much, with the code `TOO_COMPLEX`."""

    def on_operation(self) -> Iterator[None]:
        """Hands the limit of tokens to the parser."""
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        """Measures the document; one that is refused is not validated."""
        context = self.execution_context
        document = context.graphql_document
        reason = (excess(document) or greed(document, context.variables or {})) if document else None
        if reason:
            context.pre_execution_errors = [GraphQLError(reason, extensions={"code": "TOO_COMPLEX"})]
        elif context.operation_type is OperationType.SUBSCRIPTION and not context.context.is_socket:
            extensions = {"code": "MALFORMED"}
            context.pre_execution_errors = [GraphQLError("Subscriptions need a WebSocket", extensions=extensions)]
        yield


def excess(document: DocumentNode) -> str | None:
    """What there is too much of in a document; `None`: nothing."""
    walk = _Walk(document)
    aliases = 0
    for count, (selection, depth) in enumerate(walk, start=1):
        aliases += isinstance(selection, FieldNode) and selection.alias is not None
        if depth > MAX_DEPTH:
            return f"At most {MAX_DEPTH} levels of fields"
        if aliases > MAX_ALIASES:
            return f"At most {MAX_ALIASES} aliases"
        if count > MAX_SELECTIONS:
            return f"At most {MAX_SELECTIONS} fields and fragments, each fragment counted where it is used"
    return None


def greed(document: DocumentNode, variables: Mapping[str, Any]) -> str | None:
    """Whether one of its operations may ask for more notifications than one reply should hold; `None`: none does.

    A field counts as its `first`, and as a whole feed if that is absent, or if nested notifications are selected: a
    group may hold all there are. All of it counts once more for each `properties` under another name: they are nearly
    all of a reply. Only for documents in which `excess` finds nothing.
    """
    walk = _Walk(document)
    for operation in walk.operations:
        asked = sum(_asked(walk, field, _given(operation, variables)) for field in walk.outermost(operation))
        if asked > MOST_NOTIFICATIONS:
            return (
                f"At most {MOST_NOTIFICATIONS} notifications, and this may ask for {asked}: each `notifications` "
                f"counts as its `first`, and as {MAX_LIMIT} without it, or with nested ones, "
                f"and once more for each alias of `properties`"
            )
    return None


def _given(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers that variables stand for, defaults included."""
    defaults = {one.variable.name.value: _number(one.default_value, {}) for one in operation.variable_definitions or ()}
    return {**defaults, **variables}


def _asked(walk: "_Walk", field: FieldNode, given: Mapping[str, Any]) -> int:
    if field.name.value != "notifications":
        return 0
    inner = [selection for selection, _ in walk.under(field.selection_set)] if field.selection_set else []
    copies = 1 + sum(isinstance(one, FieldNode) and one.name.value == "properties" and bool(one.alias) for one in inner)
    if any(_is_feed(selection) for selection in inner):
        return MAX_LIMIT * copies
    first = next((one.value for one in field.arguments or () if one.name.value == "first"), None)
    number = _number(first, given)
    return copies * (MAX_LIMIT if number is None else min(max(number, 1), MAX_LIMIT))


def _is_feed(selection: SelectionNode) -> bool:
    return isinstance(selection, FieldNode) and selection.name.value == "notifications"


def _number(node: ValueNode | None, given: Mapping[str, Any]) -> int | None:
    """The whole number that a value stands for; `None` if it is none, or too long to be one that is meant."""
    if isinstance(node, IntValueNode) and len(node.value) < 10:
        return int(node.value)
    value = given.get(node.name.value) if isinstance(node, VariableNode) else None
    return value if type(value) is int else None


class _Walk:
    """All selections with their depth (the outermost: 1), operations first, then the fragments that none of them uses.

    Endless where fragments spread each other in a circle.
    """

    def __init__(self, document: DocumentNode) -> None:
        self.operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._used: set[str] = set()

    def __iter__(self) -> Iterator[tuple[SelectionNode, int]]:
        for operation in self.operations:
            yield from self.under(operation.selection_set)
        for name, fragment in self._fragments.items():
            if name not in self._used:
                yield from self.under(fragment.selection_set)

    def outermost(self, operation: OperationDefinitionNode) -> Iterator[FieldNode]:
        """The fields of an operation that are not within another."""
        for selection, depth in self.under(operation.selection_set):
            if depth == 1 and isinstance(selection, FieldNode):
                yield selection

    def under(self, outermost: SelectionSetNode) -> Iterator[tuple[SelectionNode, int]]:
        """The selections of a set, and those within them."""
        waiting = [(outermost, 1)]
        while waiting:
            selection_set, depth = waiting.pop()
            for selection in selection_set.selections:
                yield selection, depth
                inner = self._inner(selection)
                if inner is not None:
                    waiting.append((inner, depth + isinstance(selection, FieldNode)))

    def _inner(self, selection: SelectionNode) -> SelectionSetNode | None:
        if isinstance(selection, FragmentSpreadNode):
            self._used.add(selection.name.value)
            fragment = self._fragments.get(selection.name.value)
            return fragment.selection_set if fragment else None
        inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
        return inner
