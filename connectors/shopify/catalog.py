"""Catalog: products that were read become rows of the hub; what visitors cannot see goes.

Every read says when the shop changed a product last, so that a slow one (an export of an hour)
never undoes a quick one, and what was deleted meanwhile does not come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from connectors.shopify.mapping import Node, has_more, in_catalog, number, to_product, to_time
from connectors.shopify.marking import mark
from core import tombstones
from core.catalog import stands
from core.connector import Connection
from core.db import Work
from core.drafts import Saved
from core.errors import Invalid
from core.products import ProductBatch, ProductDraft, remove_products, save_products

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

PRODUCT: Literal["product"] = "product"


class Shelf(NamedTuple):
    """Products that were read: what to put up, what to take down and as of when.

    What has more variants than were there is read again; until then it is put up only if it is
    not here yet.
    """

    drafts: list[ProductDraft]
    gone: dict[str, int | None]  # external id → when that was so; None: it is deleted
    partly: list[str]


def to_shelf(found: Iterable[Node], connection: Connection) -> Shelf:
    """What the nodes of a page mean; a product that makes no sense is left as it is."""
    shelf = Shelf([], {}, [])
    for node in found:
        sort(node, shelf, connection)
    return shelf


def sort(
    node: Node, shelf: Shelf, connection: Connection, variants: Sequence[Node] | None = None
) -> None:
    """Put one product on its place in the shelf."""
    external_id = number(node.get("id"))
    if not external_id:
        return
    if not in_catalog(node):
        shelf.gone[external_id] = to_time(node.get("updatedAt"))
        return
    if variants is None and has_more(node.get("variants")):
        shelf.partly.append(external_id)
    try:
        whole = None if variants is None else True
        shelf.drafts.append(to_product(node, visited_at(connection), variants, whole=whole))
    except Invalid:
        return


def visited_at(connection: Connection) -> str:
    """The host shoppers see."""
    return str(connection.details.get("domain") or connection.shop)


async def put(shopify: Shopify, connection: Connection, shelf: Shelf) -> list[str]:
    """Save what was read, in one transaction; the external ids of what changed here."""
    changed: list[str] = await shopify.services.db.write(save_shelf, connection, shelf)
    return changed


def save_shelf(work: Work, connection: Connection, shelf: Shelf) -> list[str]:
    """The same within a transaction."""
    workspace_id, source = connection.workspace_id, connection.source
    names = [draft.external_id for draft in shelf.drafts]
    buried = tombstones.buried(work, workspace_id, source, PRODUCT, names)
    whole_here = stands(work, workspace_id, source, shelf.partly)
    drafts = [
        draft
        for draft in shelf.drafts
        if not _is_old(draft, buried) and draft.external_id not in whole_here
    ]
    batch = ProductBatch(workspace_id, source, drafts)
    outcomes = zip(drafts, save_products(work, [batch])[0], strict=True)
    changed = [draft.external_id for draft, saved in outcomes if _is_news(saved)]
    if shelf.partly:
        mark(work, connection, PRODUCT, shelf.partly)
    return changed + take_down(work, connection, shelf.gone)


def take_down(work: Work, connection: Connection, gone: Mapping[str, int | None]) -> list[str]:
    """Remove products that visitors cannot see (since when), unless something newer is known."""
    if not gone:
        return []
    workspace_id, source = connection.workspace_id, connection.source
    here = stands(work, workspace_id, source, gone)
    taken = [name for name, newest in here.items() if not _is_newer(newest, gone[name])]
    for name, until in gone.items():
        if until is None or name in taken:
            tombstones.bury(work, workspace_id, source, PRODUCT, [name], until)
    return remove_products(work, workspace_id, source, taken)


def _is_newer(here: int | None, said: int | None) -> bool:
    return here is not None and said is not None and here > said


def _is_old(draft: ProductDraft, buried: Mapping[str, int]) -> bool:
    """Whether it was said before the product went; one that came back has changed since."""
    until = buried.get(draft.external_id)
    return until is not None and (draft.updated_at is None or draft.updated_at < until)


def _is_news(saved: Saved | Invalid) -> bool:
    return isinstance(saved, Saved) and saved.outcome in ("created", "updated")
