"""Shapes: what an operation asks for, so that half an answer is not taken for a whole one.

GraphQL promises every field that was asked for, null where there is nothing. An answer without
them is broken, and reading it as "there is none" would be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

Shape = Mapping[str, Any]  # a field's name → the shape below it, {} for a value
NEVER_NULL = frozenset({"id", "nodes", "edges", "pageInfo"})
ALWAYS_THERE = frozenset({"shop", "currentAppInstallation"})


def shape_of(document: DocumentNode, asked: OperationDefinitionNode) -> Shape:
    """The fields an operation asks for in every case; `... on X` may be left out."""
    fragments = {
        one.name.value: one.selection_set
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    return _below(asked.selection_set, fragments)


def _below(
    chosen: SelectionSetNode | None, fragments: Mapping[str, SelectionSetNode]
) -> dict[str, Any]:
    shape: dict[str, Any] = {}
    for one in chosen.selections if chosen is not None else ():
        if one.directives:
            continue  # @include and @skip
        if isinstance(one, FieldNode):
            key = (one.alias or one.name).value
            shape.setdefault(key, {}).update(_below(one.selection_set, fragments))
        elif isinstance(one, FragmentSpreadNode):
            for key, below in _below(fragments[one.name.value], fragments).items():
                shape.setdefault(key, {}).update(below)
    return shape


def never_null(shape: Shape, *, changes: bool) -> frozenset[str]:
    """Of the roots those that are always there: the shop, a page, what a mutation answers."""
    return frozenset(
        key
        for key, below in shape.items()
        if changes or key in ALWAYS_THERE or below.keys() & {"nodes", "edges"}
    )


def fits(data: Any, shape: Shape) -> bool:
    """Whether an answer has every field, and no id or page is null."""
    left: list[tuple[Any, Shape]] = [(data, shape)]
    while left:
        value, wanted = left.pop()
        if isinstance(value, list):
            left.extend((one, wanted) for one in value)
        elif isinstance(value, dict):
            for key, below in wanted.items():
                if key not in value or (value[key] is None and key in NEVER_NULL):
                    return False
                if below:
                    left.append((value[key], below))
        elif value is not None and wanted:
            return False
    return True
