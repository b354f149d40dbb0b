"""Catalog: which products of a source are here, and how new, to compare them with the source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from sqlalchemy import func, select

from core.bulk import ByKeys
from core.db import Work, table_of
from core.products import Product, ProductDraft

_products = table_of(Product)
_NAME = (_products.c.workspace_id, _products.c.source, _products.c.external_id)
_stands = ByKeys((_products.c.external_id, _products.c.vendor_at), _NAME)
_SAID = ("external_id", "title", "description", "price", "currency", "url", "image_url")
_said = ByKeys((*(_products.c[name] for name in (*_SAID, "available", "data")),), _NAME)


class Stand(NamedTuple):
    """How a product of a source stands here, for a comparison with the source."""

    external_id: str
    vendor_at: int | None


def external_ids(
    work: Work, workspace_id: str, source: str, after: str = "", limit: int = 1_000
) -> list[Stand]:
    """A source's products in the order of their external ids; the next page is `after` the last."""
    rows = work.execute(
        select(_products.c.external_id, _products.c.vendor_at)
        .where(
            _products.c.workspace_id == workspace_id,
            _products.c.source == source,
            _products.c.external_id > after,
        )
        .order_by(_products.c.external_id)
        .limit(limit)
    )
    return [Stand(row.external_id, row.vendor_at) for row in rows]


def stands(
    work: Work, workspace_id: str, source: str, wanted: Iterable[str]
) -> dict[str, int | None]:
    """Which of these products are here, and how new they are by the source's clock."""
    names = {(workspace_id, source, external_id) for external_id in wanted}
    found = _stands.rows(work.connection, names)
    return {row["external_id"]: row["vendor_at"] for row in found}


def count_products(work: Work, workspace_id: str, source: str) -> int:
    """How many products a source has in the catalog."""
    of_source = (_products.c.workspace_id == workspace_id, _products.c.source == source)
    count = select(func.count()).select_from(_products).where(*of_source)
    return int(work.execute(count).scalar_one())


def drafts_of(
    work: Work, workspace_id: str, source: str, wanted: Iterable[str]
) -> dict[str, ProductDraft]:
    """These products as their source last described them, for one that tells of them in parts."""
    names = {(workspace_id, source, external_id) for external_id in wanted}
    found = {}
    for row in _said.rows(work.connection, names):
        data = row["data"]  # SQLite's driver gives text
        found[row["external_id"]] = ProductDraft(
            **{name: row[name] for name in _SAID if name != "currency"},
            currency=row["currency"] or None,
            available=bool(row["available"]),
            data=msgspec.json.decode(data) if isinstance(data, str) else data,
        )
    return found
