"""What a document may ask for. It is measured before it is validated, and long before a use case is called.

The length bounds what the parser reads, the tokens what it builds. Selections are counted as they are carried out,
each fragment as often as it is spread, and counting stops at the limit: so fragments that spread each other, in
circles or doubling each time, cost no more than others. The introspection query that GraphQL's own tools send has 239
selections and is 15 deep. Validation compares fields of one name pair by pair, which is why there is a limit at all.
"""

from collections.abc import Iterator
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)
from strawberry.extensions import SchemaExtension

LONGEST: Final = 32 * 1024
"""Characters of a document: a removal of 1000 ids fits."""
LONGEST_IN_URL: Final = 4096
"""Characters of a document in a GET's query: percent-encoded, each may take twelve of the 64 KiB of a request line."""
MOST_TOKENS: Final = 1200
"""A removal of 1000 ids fits here too."""
MOST_DEPTH: Final = 20
MOST_ALIASES: Final = 15
MOST_SELECTIONS: Final = 250


class Limits(SchemaExtension):
    """Refuses documents that ask for too much, with the code `TOO_COMPLEX`."""

    def on_operation(self) -> Iterator[None]:
        """Hands the limit of tokens to the parser."""
        self.execution_context.parse_options["max_tokens"] = MOST_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        """Measures the document; one that is refused is not validated."""
        document = self.execution_context.graphql_document
        reason = excess(document) if document else None
        if reason:
            self.execution_context.pre_execution_errors = [GraphQLError(reason, extensions={"code": "TOO_COMPLEX"})]
        yield


def excess(document: DocumentNode) -> str | None:
    """What there is too much of in a document; `None`: nothing."""
    walk = _Walk(document)
    aliases = 0
    for count, (selection, depth) in enumerate(walk, start=1):
        aliases += isinstance(selection, FieldNode) and selection.alias is not None
        if depth > MOST_DEPTH:
            return f"At most {MOST_DEPTH} levels of fields"
        if aliases > MOST_ALIASES:
            return f"At most {MOST_ALIASES} aliases"
        if count > MOST_SELECTIONS:
            return f"At most {MOST_SELECTIONS} fields and fragments, each fragment counted where it is used"
    return None


class _Walk:
    """All selections with their depth (the outermost: 1), operations first, then the fragments that none of them uses.

    Endless where fragments spread each other in a circle.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._used: set[str] = set()

    def __iter__(self) -> Iterator[tuple[SelectionNode, int]]:
        for operation in self._operations:
            yield from self._under(operation.selection_set)
        for name, fragment in self._fragments.items():
            if name not in self._used:
                yield from self._under(fragment.selection_set)

    def _under(self, outermost: SelectionSetNode) -> Iterator[tuple[SelectionNode, int]]:
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
