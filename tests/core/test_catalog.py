"""Catalog: what a comparison with a source reads here."""

from __future__ import annotations

from core import catalog
from core.db import Database
from core.products import ProductBatch, ProductDraft, save_products


async def fill(db: Database, shop: str, source: str, *ids: int) -> None:
    drafts = [ProductDraft(str(one), f"Tea {one}", updated_at=one) for one in ids]
    await db.batch(save_products, ProductBatch(shop, source, drafts))


async def test_S2_a_comparison_reads_a_source_page_by_page(db: Database, shop: str) -> None:
    await fill(db, shop, "a", *range(100, 125))
    await fill(db, shop, "b", 7)
    read: list[catalog.Stand] = []
    while page := await db.read(
        catalog.external_ids, shop, "a", read[-1].external_id if read else "", 10
    ):
        read += page
    assert read == [(str(one), one) for one in range(100, 125)]
    assert await db.read(catalog.count_products, shop, "a") == 25
    assert await db.read(catalog.count_products, shop, "c") == 0


async def test_S2_a_comparison_knows_how_new_a_product_is_here(db: Database, shop: str) -> None:
    await fill(db, shop, "a", 1, 2)
    await db.batch(save_products, ProductBatch(shop, "a", [ProductDraft("3", "No clock")]))
    found = await db.read(catalog.stands, shop, "a", ["1", "3", "9"])
    assert found == {"1": 1, "3": None}
