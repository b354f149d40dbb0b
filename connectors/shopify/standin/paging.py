"""Connections: pages of a sorted list, with cursors that survive changes between two pages."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError

from connectors.shopify.standin.values import Node

Rank = tuple[Any, int]  # what it is sorted by, and its number
DEEPEST = 25_000  # objects; Shopify pages no further


class Connection(dict[str, Any]):
    """A page as GraphQL shows it, already cut."""


def page(
    items: Sequence[Any],
    arguments: Node,
    rank: Callable[[Any], Rank],
    *,
    matches: Callable[[Any], bool] = lambda item: True,
    show: Callable[[Any], Any] = lambda item: item,
) -> Connection:
    """The page `first`, `after`, `last`, `before` and `reverse` ask for, of items in rank order."""
    reverse = bool(arguments.get("reverse"))
    count = len(items)
    after, before = _place(arguments.get("after")), _place(arguments.get("before"))
    start, end = 0, count
    if after:
        start = (
            count - bisect_left(items, after[0], key=rank)
            if reverse
            else bisect_right(items, after[0], key=rank)
        )
    if before:
        end = (
            count - bisect_right(items, before[0], key=rank)
            if reverse
            else bisect_left(items, before[0], key=rank)
        )
    backwards = arguments.get("first") is None and arguments.get("last") is not None
    size = arguments["last"] if backwards else arguments["first"]
    order = range(start, end)
    chosen: list[Any] = []
    for place in reversed(order) if backwards else order:
        item = items[count - 1 - place if reverse else place]
        if matches(item):
            chosen.append(item)
            if len(chosen) > size:
                break
    more = len(chosen) > size
    chosen = chosen[:size]
    if backwards:
        chosen.reverse()
    depth = after[1] if after else 0
    if depth + len(chosen) > DEEPEST:
        raise GraphQLError(
            f"Pagination is limited to {DEEPEST} objects. Narrow the query, or use a bulk "
            "operation.",
            extensions={"code": "BAD_REQUEST"},
        )
    cursors = [_cursor(rank(item), depth + turn) for turn, item in enumerate(chosen, 1)]
    nodes = [show(item) for item in chosen]
    return Connection(
        nodes=nodes,
        edges=[
            {"node": node, "cursor": cursor} for node, cursor in zip(nodes, cursors, strict=True)
        ],
        pageInfo={
            "hasNextPage": before is not None if backwards else more,
            "hasPreviousPage": more if backwards else after is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    )


def _cursor(rank: Rank, depth: int) -> str:
    told = {"last_id": rank[1], "last_value": rank[0], "n": depth}
    return base64.b64encode(json.dumps(told).encode()).decode()


def _place(cursor: str | None) -> tuple[Rank, int] | None:
    if cursor is None:
        return None
    try:
        told = json.loads(base64.b64decode(cursor, validate=True))
        return (told["last_value"], told["last_id"]), told["n"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise GraphQLError(
            f"Invalid cursor: {cursor[:40]!r}", extensions={"code": "BAD_REQUEST"}
        ) from None
