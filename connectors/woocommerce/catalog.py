"""Catalog: products that were read become rows of the hub; what visitors cannot see goes.

A product and its variations come in different lists. What is known of the variations is kept
when the product is read without them, so that either list may come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from connectors.woocommerce.mapping import (
    VARIANTS,
    Node,
    in_catalog,
    is_variation,
    number,
    packed,
    to_product,
    to_time,
    unpacked,
)
from connectors.woocommerce.marking import mark
from core import tombstones
from core.catalog import drafts_of, stands
from core.connector import Connection
from core.db import Work
from core.drafts import Saved
from core.errors import Invalid
from core.products import ProductBatch, ProductDraft, remove_products, save_products

PRODUCT: Literal["product"] = "product"

Variants = Mapping[str, Sequence[str]]  # a product's id → the SKUs of its variations


class Shelf(NamedTuple):
    """Products that were read: what to put up, what to take down and as of when."""

    drafts: list[ProductDraft]
    gone: dict[str, int | None]  # external id → when that was so; None: it is in the trash


def to_shelf(
    found: Iterable[Node], connection: Connection, variants: Variants | None = None
) -> Shelf:
    """What the nodes of a page mean; a product that makes no sense is left as it is."""
    shelf = Shelf([], {})
    for node in found:
        external_id = number(node.get("id"))
        if not external_id or is_variation(node):
            continue
        if not in_catalog(node):
            shelf.gone[external_id] = _as_of(node)
            continue
        skus = packed((variants or {}).get(external_id, ()))
        try:
            shelf.drafts.append(to_product(node, connection.details.get("currency"), skus))
        except Invalid:
            continue
    return shelf


def _as_of(node: Node) -> int | None:
    return None if node.get("status") == "trash" else to_time(node.get("date_modified_gmt"))


# Saving what was read --------------------------------------------------------------------


def save_shelf(
    work: Work, connection: Connection, shelf: Shelf, *, with_variants: bool = False
) -> list[str]:
    """Save a page; the external ids of what changed here.

    `with_variants` if its drafts tell of their variations; else what is known of those stays.
    """
    workspace_id, source = connection.workspace_id, connection.source
    names = [draft.external_id for draft in shelf.drafts]
    buried = tombstones.buried(work, workspace_id, source, PRODUCT, names)
    drafts = [draft for draft in shelf.drafts if not _is_old(draft, buried)]
    if not with_variants:
        drafts = _with_known_variants(work, connection, drafts)
    changed = _save(work, connection, drafts)
    return changed + take_down(work, connection, shelf.gone)


def _save(work: Work, connection: Connection, drafts: list[ProductDraft]) -> list[str]:
    batch = ProductBatch(connection.workspace_id, connection.source, drafts)
    outcomes = zip(drafts, save_products(work, [batch])[0], strict=True)
    return [draft.external_id for draft, saved in outcomes if _is_news(saved)]


def _with_known_variants(
    work: Work, connection: Connection, drafts: list[ProductDraft]
) -> list[ProductDraft]:
    where = (connection.workspace_id, connection.source)
    known = drafts_of(work, *where, [draft.external_id for draft in drafts])
    return [
        _with_variants(draft, known[draft.external_id].data.get(VARIANTS) or ())
        if draft.external_id in known
        else draft
        for draft in drafts
    ]


def _with_variants(draft: ProductDraft, variants: Iterable[str]) -> ProductDraft:
    return msgspec.structs.replace(draft, data={**draft.data, VARIANTS: list(variants)})


def save_variants(work: Work, connection: Connection, found: Iterable[Node]) -> list[str]:
    """Add the SKUs of a page of variations to the products here; the ids of those it changed."""
    skus = variants_of(found)
    known = drafts_of(work, connection.workspace_id, connection.source, skus)
    drafts = [
        _with_variants(draft, packed([*unpacked(draft.data.get(VARIANTS) or ()), *skus[name]]))
        for name, draft in known.items()
    ]
    return _save(work, connection, drafts)


def variants_of(found: Iterable[Node]) -> dict[str, list[str]]:
    """The SKUs of variations, by product."""
    skus: dict[str, list[str]] = {}
    for node in found:
        parent = number(node.get("parent_id"))
        if parent and node.get("status", "publish") == "publish":
            own = [node.get("sku"), node.get("global_unique_id")]
            skus.setdefault(parent, []).extend(str(one) for one in own if one)
    return skus


def take_down(work: Work, connection: Connection, gone: Mapping[str, int | None]) -> list[str]:
    """Remove products that visitors cannot see (since when), unless something newer is known.

    The grave of one in the trash closes at the last we heard of it, by the shop's clock: it may
    be taken out again, and the shop's clock may be slow.
    """
    if not gone:
        return []
    workspace_id, source = connection.workspace_id, connection.source
    here = stands(work, workspace_id, source, gone)
    taken = [name for name, newest in here.items() if not _is_newer(newest, gone[name])]
    for name, until in gone.items():
        if until is None or name in taken:
            known = here.get(name) if until is None else until
            tombstones.bury(work, workspace_id, source, PRODUCT, [name], known or 0)
    return remove_products(work, workspace_id, source, taken)


def _is_newer(here: int | None, said: int | None) -> bool:
    return here is not None and said is not None and here > said


def _is_old(draft: ProductDraft, buried: Mapping[str, int]) -> bool:
    """Whether it was said before the product went; one that came back has changed since."""
    until = buried.get(draft.external_id)
    return until is not None and (draft.updated_at is None or draft.updated_at < until)


def _is_news(saved: Saved | Invalid) -> bool:
    return isinstance(saved, Saved) and saved.outcome in ("created", "updated")


# Saving what a webhook says --------------------------------------------------------------


def hear(work: Work, connection: Connection, node: Node) -> None:
    """Save a product a webhook tells of; where that may not be the newest, have it read."""
    if is_variation(node):
        save_variants(work, connection, [node])
        mark(work, connection, PRODUCT, [number(node.get("parent_id"))])
        return
    shelf = to_shelf([node], connection)
    names = [*(draft.external_id for draft in shelf.drafts), *shelf.gone]
    if any(_is_doubtful(work, connection, name, node) for name in names):
        mark(work, connection, PRODUCT, names)
    else:
        save_shelf(work, connection, shelf)


def _is_doubtful(work: Work, connection: Connection, name: str, node: Node) -> bool:
    """Whether it went before, or something is known of the same second: times have no finer."""
    where = (connection.workspace_id, connection.source)
    if tombstones.buried(work, *where, PRODUCT, [name]):
        return True
    said = to_time(node.get("date_modified_gmt"))
    return said is None or stands(work, *where, [name]).get(name) == said
