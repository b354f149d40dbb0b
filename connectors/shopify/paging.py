"""Paging: how much is asked for at once, learned from what the shop says it costs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.shopify.answers import TooCostly
from connectors.shopify.mapping import Node, has_more, nodes, number, of
from core.connector import Connection
from core.errors import Unavailable

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

CHEAP = 300.0  # points; a page that costs less may be twice as long
MOST = 250


class Page(NamedTuple):
    """A page of a connection, and where whatever follows begins."""

    nodes: list[Node]
    cursor: str


class Size:
    """How many things are asked for at once: twice as many while cheap, half when too costly."""

    def __init__(self, first: int, most: int = MOST) -> None:
        self.now = first
        self._most = most

    def learn(self, cost: float) -> None:
        """What a page of this size has cost."""
        if cost < CHEAP:
            self.now = min(self.now * 2, self._most)

    def shrink(self) -> bool:
        """Take half; False if it is one already."""
        self.now, before = max(1, self.now // 2), self.now
        return self.now < before


async def pages(
    shopify: Shopify,
    connection: Connection,
    name: str,
    root: str,
    variables: Mapping[str, Any],
    size: Size,
) -> AsyncIterator[Page]:
    """Page after page of the connection `root` that the operation `name` asks for.

    The shop gives no more than 25,000 things in one go.
    """
    after = ""
    while True:
        asked = {**variables, "after": after or None}
        listed = await _page(shopify, connection, name, root, asked, size)
        after = str(of(listed.get("pageInfo")).get("endCursor") or "")
        yield Page(nodes(listed), after)
        if not has_more(listed) or not after:
            return


async def pages_by_id(
    shopify: Shopify, connection: Connection, name: str, query: str, size: Size, after: str = ""
) -> AsyncIterator[Page]:
    """All products in the order of their ids, however many; a page's cursor is its last id."""
    while True:
        asked = {"query": f"{query} AND id:>{after}" if after else query, "sortKey": "ID"}
        listed = await _page(shopify, connection, name, "products", asked, size)
        found = nodes(listed)
        before, after = after, number(found[-1].get("id")) if found else after
        yield Page(found, after)
        if not has_more(listed) or after == before:
            return


async def _page(
    shopify: Shopify,
    connection: Connection,
    name: str,
    root: str,
    variables: Mapping[str, Any],
    size: Size,
) -> Node:
    """One page, smaller if that is too costly; Unavailable for an answer without a list."""
    while True:
        try:
            asked = {**variables, "first": size.now}
            data = await shopify.api.run(connection, name, asked, "background")
            break
        except TooCostly:
            if not size.shrink():
                raise
    size.learn(shopify.api.cost(name))
    listed = of(data.get(root))
    if not isinstance(listed.get("nodes"), list):
        raise Unavailable("The shop's answer has no list.", code="bad_answer")
    return listed
