"""Search products: what the shop sells, by words and within a price."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from chat.assistant.tools.arguments import Arguments, Currency, Price, Words
from chat.assistant.tools.plain import plain
from core.db import Work
from core.money import to_minor
from core.products import Product, card, products_by_ids, search_products
from core.tools import Result, Source, Tool, Use
from core.views import ProductCard

FIRST, MORE = 60, 1_000  # candidates that are looked at when a price is wanted
EXCERPT = 200


class SearchProducts(Arguments):
    """Words, and what it may cost."""

    words: Words = ""
    max_price: Price | None = None
    min_price: Price | None = None
    currency: Currency | None = None
    limit: Annotated[int, Meta(ge=1, le=6)] = 3


class FoundProduct(ProductCard, tag="product", tag_field="type"):
    """A product as a card shows it, and the beginning of what the shop writes of it."""

    description: str = ""


async def search(use: Use, wanted: SearchProducts) -> Result:
    """The best products, those that can be bought first."""
    rows, others = await use.services.db.read(_find, use.workspace_id, wanted)
    if not rows:
        there = f" Prices here are in {', '.join(sorted(others))}." if others else ""
        return Result(status="nothing", note=f"No product fits.{there}")
    found = [_to_found(row) for row in rows]
    return Result(
        status="found",
        data=found,
        cards=tuple(card(row) for row in rows),
        sources=tuple(
            Source(kind="product", id=row.id, title=plain(row.title), url=row.url) for row in rows
        ),
        note=_counted(len(found)),
    )


def _find(work: Work, workspace_id: str, wanted: SearchProducts) -> tuple[list[Product], set[str]]:
    """The rows, and the other currencies that products are priced in where none fits."""
    priced = wanted.max_price or wanted.min_price or wanted.currency
    others: set[str] = set()
    for most in (FIRST, MORE) if priced else (FIRST,):
        candidates = search_products(work, workspace_id, wanted.words, most)
        fitting = [row for row in candidates if _fits(row, wanted)]
        others = {row.currency for row in candidates if row.currency} - {wanted.currency or ""}
        if len(fitting) >= wanted.limit or len(candidates) < most:
            break
    best = sorted(fitting, key=lambda row: not row.available)[: wanted.limit]
    return products_by_ids(work, workspace_id, [row.id for row in best]), (
        others if wanted.currency else set()
    )


def _fits(row: Product, wanted: SearchProducts) -> bool:
    """Whether its price is within what was asked for; without a price it is not known to be."""
    if wanted.currency and row.currency != wanted.currency:
        return False
    for limit, is_least in ((wanted.min_price, True), (wanted.max_price, False)):
        if limit is None:
            continue
        if row.price is None or not row.currency:
            return False
        minor = to_minor(Decimal(limit), row.currency)
        if (row.price < minor) if is_least else (row.price > minor):
            return False
    return True


def _to_found(row: Product) -> FoundProduct:
    shown = card(row)
    return FoundProduct(
        id=shown.id,
        title=plain(shown.title),
        price=shown.price,
        url=shown.url,
        image_url=shown.image_url,
        available=shown.available,
        description=plain(row.description, EXCERPT),
    )


def _counted(count: int) -> str:
    return "1 product." if count == 1 else f"{count} products."


tool = Tool(
    name="search_products",
    title="Recommend products",
    description=(
        "Search the shop's catalog by words of the product itself, such as 'red jacket', with "
        "an optional price limit as a plain decimal and an ISO currency code. Answers products "
        "with price and availability."
    ),
    arguments=SearchProducts,
    run=search,
    limit="What the shop sells",
)
