"""What a query costs by Shopify's published linear rule, and the bucket it is paid from.

Scalars are free, an object costs 1, a mutation 10, a connection 2 and its size times one node.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
    is_composite_type,
)
from graphql.execution.values import VariableValues

from connectors.shopify.standin.values import Clock, Node

HIGHEST = 1_000
MUTATION = 10
CONNECTION = 2


class Bucket:
    """Points that leak back: `rate` a second up to `size`."""

    def __init__(self, clock: Clock, size: float = 2_000, rate: float = 100) -> None:
        self.clock = clock
        self.size = size
        self.rate = rate
        self._level = size
        self._at = clock.stamp()

    @property
    def available(self) -> float:
        now = self.clock.stamp()
        self._level = min(self.size, self._level + max(now - self._at, 0) * self.rate)
        self._at = now
        return self._level

    def take(self, points: float) -> bool:
        """Whether there was enough; nothing is taken otherwise."""
        if self.available < points:
            return False
        self._level -= points
        return True

    def give_back(self, points: float) -> None:
        self._level = min(self.size, self._level + points)

    def drain(self, left: float = 0) -> None:
        """Leave only so many points, as a busy hour would."""
        self._level = min(self.available, left)

    def report(self, requested: float, actual: float | None) -> Node:
        """The `extensions.cost` of an answer."""
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": float(self.size),
                "currentlyAvailable": int(self.available),
                "restoreRate": float(self.rate),
            },
        }


class Pricing:
    """Adds up one operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables

    def operation(self, operation: OperationDefinitionNode) -> int:
        if operation.operation is OperationType.MUTATION:
            return MUTATION * len(operation.selection_set.selections)
        root = self.schema.query_type
        assert root is not None
        return self.selections(operation.selection_set, root)

    def selections(self, chosen: SelectionSetNode | None, on: GraphQLNamedType) -> int:
        total, dearest_branch = 0, 0
        for one in chosen.selections if chosen else ():
            if isinstance(one, FieldNode):
                total += self.field(one, on)
            elif isinstance(one, FragmentSpreadNode | InlineFragmentNode):
                branch, kind = self._fragment(one, on)
                points = self.selections(branch, kind)
                if kind is on:
                    total += points
                else:  # only one of them applies to each object
                    dearest_branch = max(dearest_branch, points)
        return total + dearest_branch

    def field(self, node: FieldNode, on: GraphQLNamedType) -> int:
        fields = getattr(on, "fields", {})
        if node.name.value not in fields:  # __typename, and what only a union knows
            return 0
        definition = fields[node.name.value]
        kind = get_named_type(definition.type)
        if not is_composite_type(kind):
            return 0
        if kind.name.endswith("Connection"):
            arguments = get_argument_values(definition, node, self.variables)
            size = arguments.get("first") or arguments.get("last") or 0
            return CONNECTION + size * self._one_of(node.selection_set, kind)
        if kind.name == "PageInfo":
            return 0
        return 1 + self.selections(node.selection_set, kind)

    def _one_of(self, chosen: SelectionSetNode | None, connection: GraphQLNamedType) -> int:
        """What one node of a connection costs, asked for through `nodes` or `edges`."""
        assert isinstance(connection, GraphQLObjectType)
        total = 0
        for one in self._fields(chosen):
            if one.name.value == "nodes":
                kind = get_named_type(connection.fields["nodes"].type)
                total += 1 + self.selections(one.selection_set, kind)
            elif one.name.value == "edges":
                edge = get_named_type(connection.fields["edges"].type)
                total += self.selections(one.selection_set, edge)
        return total

    def _fields(self, chosen: SelectionSetNode | None) -> list[FieldNode]:
        found: list[FieldNode] = []
        for one in chosen.selections if chosen else ():
            if isinstance(one, FieldNode):
                found.append(one)
            elif isinstance(one, InlineFragmentNode):
                found += self._fields(one.selection_set)
            elif isinstance(one, FragmentSpreadNode):
                found += self._fields(self.fragments[one.name.value].selection_set)
        return found

    def _fragment(
        self, one: FragmentSpreadNode | InlineFragmentNode, on: GraphQLNamedType
    ) -> tuple[SelectionSetNode, GraphQLNamedType]:
        if isinstance(one, FragmentSpreadNode):
            fragment = self.fragments[one.name.value]
            return fragment.selection_set, self.schema.type_map[fragment.type_condition.name.value]
        if one.type_condition is None:
            return one.selection_set, on
        return one.selection_set, self.schema.type_map[one.type_condition.name.value]


def used(data: Any) -> int:
    """What an answer really cost: one point for each object in it."""
    if isinstance(data, list):
        return sum(used(one) for one in data)
    if not isinstance(data, dict):
        return 0
    return sum(_own(name, value) for name, value in data.items())


def _own(name: str, value: Any) -> int:
    if not isinstance(value, dict) or name == "pageInfo":
        return used(value) + (len(value) if name == "nodes" and isinstance(value, list) else 0)
    return 1 + used(value)
