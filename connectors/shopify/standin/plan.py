"""A bulk query compiled into plain functions: a hundred thousand products take seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
    is_composite_type,
    parse,
    validate,
)

from connectors.shopify.standin.call import Call
from connectors.shopify.standin.lists import all_products
from connectors.shopify.standin.resolvers import RESOLVERS, resolve
from connectors.shopify.standin.values import Node

MOST_CONNECTIONS = 5
DEEPEST = 2
EVERYTHING = 2**31 - 1
Write = Callable[[Any], Any]


class Plan:
    """A bulk query as functions; GraphQLError if Shopify would refuse it."""

    def __init__(self, call: Call, text: str) -> None:
        self.call = call
        self.types = call.admin.types
        self.text = text
        document = parse(text)
        for error in validate(self.types, document):
            raise error
        self.fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        (operation,) = [
            one for one in document.definitions if isinstance(one, OperationDefinitionNode)
        ]
        self.connections = 0
        query = self.types.query_type
        assert query is not None
        self._plain, self._children = self._object(operation.selection_set, query, 0)
        if not self._children:
            raise GraphQLError("Bulk queries must contain at least one connection.")
        if self.connections > MOST_CONNECTIONS:
            raise GraphQLError("Bulk queries cannot contain more than 5 connections.")

    def roots(self) -> Iterator[Iterator[Node]]:
        """For each object of the top connections, its line and its children's."""
        for _, listed, write in self._children:
            for node in listed({}):
                yield write(node, None)

    def _object(
        self, chosen: SelectionSetNode | None, on: GraphQLNamedType, depth: int
    ) -> tuple[list[tuple[str, Write]], list[Any]]:
        """The plain fields of a type as (key, function), and its connections."""
        plain: list[tuple[str, Write]] = []
        children: list[Any] = []
        for one in chosen.selections if chosen else ():
            if isinstance(one, FieldNode):
                self._field(one, on, depth, plain, children)
            else:
                narrower = self._narrowed(one, on)
                more, deeper = self._object(narrower, on, depth)
                plain += more
                children += deeper
        return plain, children

    def _narrowed(self, one: Any, on: GraphQLNamedType) -> SelectionSetNode | None:
        spread = isinstance(one, FragmentSpreadNode)
        fragment = self.fragments[one.name.value] if spread else one
        assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
        condition = fragment.type_condition
        applies = condition is None or condition.name.value == on.name
        return fragment.selection_set if applies else None

    def _field(
        self,
        node: FieldNode,
        on: GraphQLNamedType,
        depth: int,
        plain: list[tuple[str, Write]],
        children: list[Any],
    ) -> None:
        name = node.name.value
        key = node.alias.value if node.alias else name
        if name == "__typename":
            plain.append((key, lambda source: source.get("__typename", on.name)))
            return
        if depth == 0 and name in ("node", "nodes"):
            raise GraphQLError("Bulk queries cannot use the top-level node or nodes fields.")
        assert isinstance(on, GraphQLObjectType | GraphQLInterfaceType)
        definition = on.fields[name]
        kind = get_named_type(definition.type)
        arguments = get_argument_values(definition, node)
        if kind.name.endswith("Connection"):
            children.append(self._connection(node, on, definition, arguments, depth))
        elif is_composite_type(kind):
            plain.append((key, self._nested(node, on, definition, arguments, kind, depth)))
        else:
            plain.append((key, self._value(on, name, definition, arguments)))

    def _value(self, on: GraphQLNamedType, name: str, definition: Any, arguments: Node) -> Write:
        if f"{on.name}.{name}" in RESOLVERS or arguments:
            return lambda source: resolve(
                self.call, on.name, name, definition.type, source, arguments
            )

        def value(source: Any) -> Any:
            if name in source:
                return source[name]
            return resolve(self.call, on.name, name, definition.type, source, arguments)

        return value

    def _nested(
        self, node: FieldNode, on: Any, definition: Any, arguments: Node, kind: Any, depth: int
    ) -> Write:
        read = self._value(on, node.name.value, definition, arguments)
        plain, deeper = self._object(node.selection_set, kind, depth)
        if deeper:
            raise GraphQLError("Connections below plain objects are not for bulk queries here.")

        def write(source: Any) -> Any:
            found = read(source)
            if isinstance(found, list):
                return [{key: get(one) for key, get in plain} for one in found]
            return found and {key: get(found) for key, get in plain}

        return write

    def _connection(
        self, node: FieldNode, on: Any, definition: Any, arguments: Node, depth: int
    ) -> Any:
        if depth >= DEEPEST:
            raise GraphQLError("Bulk queries cannot contain connections nested deeper than 2.")
        self.connections += 1
        connection = get_named_type(definition.type)
        assert isinstance(connection, GraphQLObjectType)
        kind = get_named_type(connection.fields["nodes"].type)
        plain, children = self._object(self._nodes_of(node.selection_set), kind, depth + 1)
        read = self._value(on, node.name.value, definition, {"first": EVERYTHING} | arguments)

        narrowed = any(arguments.get(name) for name in ("first", "last", "query", "reverse"))

        def listed(source: Any) -> Any:
            cut = {"first": EVERYTHING} | arguments
            if not source:
                return self._everything(on.name, node.name.value, definition, cut)
            own = source.get(node.name.value)
            if isinstance(own, list) and not narrowed:
                return own
            found = read(source)
            return found["nodes"] if isinstance(found, dict) else found

        def write(one: Any, parent: str | None) -> Iterator[Node]:
            line = {key: get(one) for key, get in plain}
            yield line if parent is None else line | {"__parentId": parent}
            for _, theirs, further in children:
                for child in theirs(one):
                    yield from further(child, one["id"])

        return node.name.value, listed, write

    def _nodes_of(self, chosen: SelectionSetNode | None) -> SelectionSetNode | None:
        for one in chosen.selections if chosen else ():
            if isinstance(one, FieldNode) and one.name.value == "nodes":
                return one.selection_set
            if isinstance(one, FieldNode) and one.name.value == "edges":
                for inner in one.selection_set.selections if one.selection_set else ():
                    if isinstance(inner, FieldNode) and inner.name.value == "node":
                        return inner.selection_set
        raise GraphQLError("A connection must be read through edges { node } or nodes.")

    def _everything(self, on: str, name: str, definition: Any, arguments: Node) -> Any:
        """All nodes of a top connection."""
        if name == "products":
            return all_products(self.call, arguments)
        return resolve(self.call, on, name, definition.type, {}, arguments)["nodes"]
