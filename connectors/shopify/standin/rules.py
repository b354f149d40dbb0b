"""What Shopify enforces beyond its schema, checked before a query runs.

Page sizes, gid types and `@idempotent` need the query only; scopes and search filters are looked
at when a field is resolved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
)
from graphql.execution.values import VariableValues

from connectors.shopify.standin.schema import AdminSchema
from connectors.shopify.standin.values import GID

LARGEST_PAGE = 250
LARGEST_VARIANTS = 2_000  # of a single product
LONGEST_LIST = 250  # any array argument


class Asked:
    """One operation of a document, with its variables: what a query comes to."""

    def __init__(
        self,
        admin: AdminSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self.admin = admin
        self.operation = operation
        self.variables = variables
        self.fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }

    @property
    def is_mutation(self) -> bool:
        return self.operation.operation is OperationType.MUTATION

    @property
    def root(self) -> GraphQLObjectType:
        types = self.admin.types
        root = types.mutation_type if self.is_mutation else types.query_type
        assert root is not None
        return root

    def roots(self) -> list[FieldNode]:
        """The fields asked of the root."""
        return [
            node
            for node, on, _ in self._walk(self.operation.selection_set, self.root)
            if on is self.root
        ]

    def errors(self) -> list[GraphQLError]:
        """Everything wrong with it, in order."""
        found: list[GraphQLError] = []
        for node, on, definition in self._walk(self.operation.selection_set, self.root):
            where = f"{on.name}.{node.name.value}"
            arguments = get_argument_values(definition, node, self.variables)
            kind = get_named_type(definition.type)
            if kind.name.endswith("Connection"):
                found += self._page(node, on, kind, arguments)
            for name, value in arguments.items():
                expected = self.admin.gids.get(f"{where}({name})")
                found += self._gids(node, value, expected)
                found += self._inside(node, get_named_type(definition.args[name].type), value)
                found += self._length(node, name, value)
            if on is self.root:
                found += self._idempotency(node)
        return found

    def key(self, node: FieldNode) -> str | None:
        """The idempotency key given with this field."""
        directive = self.admin.types.get_directive("idempotent")
        assert directive is not None
        values = get_directive_values(directive, node, self.variables)
        return str(values["key"]) if values else None

    def _idempotency(self, node: FieldNode) -> Iterator[GraphQLError]:
        if node.name.value in self.admin.idempotent and not self.key(node):
            yield GraphQLError(
                f"The @idempotent directive is required for {node.name.value}.",
                node,
                extensions={"code": "BAD_REQUEST"},
            )

    def _page(
        self, node: FieldNode, on: GraphQLNamedType, kind: GraphQLNamedType, given: dict[str, Any]
    ) -> Iterator[GraphQLError]:
        sizes = [given[name] for name in ("first", "last") if given.get(name) is not None]
        if not sizes:
            yield GraphQLError(
                "you must provide one of first or last",
                node,
                extensions={"code": "BAD_REQUEST"},
            )
        of_product = on.name == "Product" and node.name.value == "variants"
        highest = LARGEST_VARIANTS if of_product else LARGEST_PAGE
        if any(not 0 <= size <= highest for size in sizes):
            yield GraphQLError(
                f"{node.name.value}: first and last must be between 0 and {highest}.",
                node,
                extensions={"code": "BAD_REQUEST"},
            )

    def _length(self, node: FieldNode, name: str, value: Any) -> Iterator[GraphQLError]:
        if isinstance(value, list) and len(value) > LONGEST_LIST:
            yield GraphQLError(
                f"The input array size of {len(value)} is greater than the maximum allowed of "
                f"{LONGEST_LIST}.",
                node,
                extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"},
            )

    def _inside(
        self, node: FieldNode, kind: GraphQLNamedType, value: Any
    ) -> Iterator[GraphQLError]:
        """The gids within input objects."""
        if not isinstance(kind, GraphQLInputObjectType):
            return
        for one in value if isinstance(value, list) else [value]:
            for name, given in (one or {}).items():
                yield from self._gids(node, given, self.admin.gids.get(f"{kind.name}.{name}"))
                yield from self._inside(node, get_named_type(kind.fields[name].type), given)

    def _gids(
        self, node: FieldNode, value: Any, expected: frozenset[str] | None
    ) -> Iterator[GraphQLError]:
        is_id = expected is not None or node.name.value in ("node", "nodes")
        for one in value if isinstance(value, list) else [value]:
            if not is_id or not isinstance(one, str):
                continue
            found = GID.fullmatch(one)
            if not found:
                yield _invalid(node, one, f"Invalid global id '{one}'")
            elif expected and found.group(1) not in expected:
                yield _invalid(node, one, f"Invalid id: {one}")

    def _walk(
        self, chosen: SelectionSetNode | None, on: GraphQLNamedType
    ) -> Iterator[tuple[FieldNode, GraphQLNamedType, GraphQLField]]:
        for one in chosen.selections if chosen else ():
            if isinstance(one, FieldNode):
                definition = getattr(on, "fields", {}).get(one.name.value)
                if definition is not None:
                    yield one, on, definition
                    yield from self._walk(one.selection_set, get_named_type(definition.type))
            elif isinstance(one, InlineFragmentNode):
                narrower = one.type_condition
                kind = self.admin.types.type_map[narrower.name.value] if narrower else on
                yield from self._walk(one.selection_set, kind)
            elif isinstance(one, FragmentSpreadNode):
                fragment = self.fragments[one.name.value]
                kind = self.admin.types.type_map[fragment.type_condition.name.value]
                yield from self._walk(fragment.selection_set, kind)


def _invalid(node: FieldNode, value: str, message: str) -> GraphQLError:
    return GraphQLError(
        message,
        node,
        extensions={
            "code": "argumentLiteralsIncompatible",
            "value": value,
            "problems": [{"path": [], "explanation": message, "message": message}],
        },
    )
