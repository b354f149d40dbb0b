"""Paging: lists read to their end by ascending id, though the shop goes on selling meanwhile.

WooCommerce counts pages, and what is deleted moves all that follows one place forward: whoever
asks for the next page misses one thing. So each page begins with the last of the one before; if
that is not there, we step back until it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from connectors.woocommerce.mapping import Node, number
from core.connector import Connection

if TYPE_CHECKING:
    from connectors.woocommerce.client import Api

SIZE = 100  # the most that WooCommerce gives
OVERLAP = 1


class Place(NamedTuple):
    """How far a list is read."""

    last: int = 0  # the id of the last thing
    seen: int = 0  # things up to it


BEGINNING = Place()


class Batch(NamedTuple):
    """What is new on a page."""

    nodes: list[Node]
    place: Place
    total: int  # things in the whole list, says the shop


async def by_id(
    api: Api,
    connection: Connection,
    path: str,
    params: Mapping[str, str],
    place: Place = BEGINNING,
) -> AsyncIterator[Batch]:
    """A list from `place` on, up to a hundred things at a time, each once."""
    asked = {**params, "per_page": str(SIZE), "orderby": "id", "order": "asc"}
    offset = max(0, place.seen - OVERLAP)
    while True:
        page = await api.get(connection, path, {**asked, "offset": str(offset)}, "background")
        ids = [int(number(node.get("id")) or 0) for node in page.items]
        if offset and (not ids or ids[0] > place.last):  # something before it is gone
            offset = max(0, offset - SIZE // 2)
            continue
        fresh = [node for node, id_ in zip(page.items, ids, strict=True) if id_ > place.last]
        seen = offset + len(ids)
        place = Place(max([place.last, *ids]), seen)
        yield Batch(fresh, place, page.total)
        if not fresh or seen >= page.total:
            return
        offset = seen - OVERLAP
