"""Bound what a document may ask for, before it is validated or calls a service.

The maximum length bounds the text that the parser reads, and the maximum number of tokens bounds the tree that it
builds. The number of selections is bounded because validation compares all fields of one name pair by pair. A fragment
counts as often as it is spread. Counting stops at the limit, so fragments that spread each other in a circle, or each
spread the next one twice, cost no more than others. The introspection query of GraphQL's own tools has 239 selections
and a depth of 15.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    IntValueNode,
    Lexer,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    ValueNode,
    VariableNode,
    parse,
)
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from notification.domain.ranges import MAX_LIMIT

MAX_DOCUMENT: Final = 32 * 1024
"""Maximum characters of a document, which are enough to remove 1000 ids."""
MAX_URL_DOCUMENT: Final = 4096
"""Maximum characters of a document in a URL. Encoded, each takes up to 12 bytes of a request line of 64 KiB."""
MAX_TOKENS: Final = 1200
"""These are enough to remove 1000 ids."""
MAX_DEPTH: Final = 20
MAX_ALIASES: Final = 15
MAX_SELECTIONS: Final = 250
MAX_BATCH: Final = 10
"""Requests in a batch. In total, they have the limits of one document."""

MAX_NOTIFICATIONS: Final = 2 * MAX_LIMIT
"""Notifications that one document may ask for: two full feeds."""


class Limits(SchemaExtension):
    """Refuse documents that exceed a limit, with the code `TOO_COMPLEX`."""

    def on_operation(self) -> Iterator[None]:
        """Pass the maximum number of tokens to the parser."""
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        """Check the document against the limits. A refused document is not validated."""
        context = self.execution_context
        document = context.graphql_document
        reason = (
            (excess([document]) or excess_of_notifications([(document, context.variables or {})])) if document else None
        )
        if reason:
            context.pre_execution_errors = [GraphQLError(reason, extensions={"code": "TOO_COMPLEX"})]
        elif context.operation_type is OperationType.SUBSCRIPTION and not context.context.is_socket:
            extensions = {"code": "MALFORMED"}
            context.pre_execution_errors = [GraphQLError("Subscriptions need a WebSocket", extensions=extensions)]
        yield


def excess_of_batch(requests: Sequence[tuple[str, Mapping[str, Any]]]) -> str | None:
    """Return a message about the first limit that the documents of a batch exceed in total, or `None`.

    `requests`: the text of each document, and its variables. Of a document that does not parse, only
    the characters and tokens count.
    """
    if sum(len(text) for text, _ in requests) > MAX_DOCUMENT:
        return f"At most {MAX_DOCUMENT} characters in all documents of a batch"
    if sum(_tokens(text) for text, _ in requests) > MAX_TOKENS:
        return f"At most {MAX_TOKENS} tokens in all documents of a batch"
    parsed = [(document, variables) for text, variables in requests if (document := _parsed(text))]
    reason = excess([document for document, _ in parsed]) or excess_of_notifications(parsed)
    return f"{reason}; in all documents of a batch" if reason else None


def _tokens(text: str) -> int:
    """Count the tokens of a document. Counting stops at the first syntax error, and at one token above the limit."""
    lexer, count = Lexer(Source(text)), 0
    with suppress(GraphQLSyntaxError):
        while count <= MAX_TOKENS and lexer.advance().kind is not TokenKind.EOF:
            count += 1
    return count


def _parsed(text: str) -> DocumentNode | None:
    with suppress(GraphQLError, RecursionError):
        return parse(text)
    return None


def excess(documents: Sequence[DocumentNode]) -> str | None:
    """Return a message about the first limit on depth, aliases or selections that documents exceed in total, or `None`.

    A document can repeat an outermost field only under an alias. A batch can repeat it in another document, so all
    outermost fields but those of the first document count as aliases.
    """
    aliases = 0
    selections = ((one, depth, n) for n, document in enumerate(documents) for one, depth in _Walk(document))
    for count, (selection, depth, number) in enumerate(selections, start=1):
        aliases += isinstance(selection, FieldNode) and (selection.alias is not None or (number > 0 and depth == 1))
        if depth > MAX_DEPTH:
            return f"At most {MAX_DEPTH} levels of fields"
        if aliases > MAX_ALIASES:
            return f"At most {MAX_ALIASES} aliases"
        if count > MAX_SELECTIONS:
            return f"At most {MAX_SELECTIONS} fields and fragments, counting each fragment as often as it is spread"
    return None


def excess_of_notifications(sent: Sequence[tuple[DocumentNode, Mapping[str, Any]]]) -> str | None:
    """Return a message if the documents can request more than `MAX_NOTIFICATIONS` notifications, or `None`.

    One operation of each document counts. A `notifications` field counts as its `first`. It counts as a full feed if it
    has no `first`, or if it selects nested notifications, because a group can contain the whole feed. It counts once
    more for each alias of `properties`, because properties make up most of a reply. Call this function only for
    documents in which `excess` finds nothing.
    """
    asked = sum(_asked_at_most(document, variables) for document, variables in sent)
    if asked <= MAX_NOTIFICATIONS:
        return None
    return (
        f"At most {MAX_NOTIFICATIONS} notifications, but this may ask for {asked}: each `notifications` field "
        f"counts as its `first`, or as {MAX_LIMIT} if it has no `first` or selects nested notifications, "
        f"and once more for each alias of `properties`"
    )


def _asked_at_most(document: DocumentNode, variables: Mapping[str, Any]) -> int:
    """Return the maximum number of notifications that any one operation of a document can request."""
    walk = _Walk(document)
    operations = ((walk.outermost(one), _given(one, variables)) for one in walk.operations)
    return max((sum(_asked(walk, field, given) for field in fields) for fields, given in operations), default=0)


def _given(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the operation's variables, defaults included."""
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
    """Return the integer of a literal or variable; `None` if it is not an integer, or a literal of over nine digits."""
    if isinstance(node, IntValueNode) and len(node.value) < 10:
        return int(node.value)
    value = given.get(node.name.value) if isinstance(node, VariableNode) else None
    return value if type(value) is int else None


class _Walk:
    """All selections with their depth, which starts at 1. Those of operations precede those of unused fragments.

    The iteration is endless if fragments spread each other in a circle.
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
        """Yield the top-level fields of an operation."""
        for selection, depth in self.under(operation.selection_set):
            if depth == 1 and isinstance(selection, FieldNode):
                yield selection

    def under(self, outermost: SelectionSetNode) -> Iterator[tuple[SelectionNode, int]]:
        """Yield the selections of a set and everything nested in them, with their depth."""
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
