"""Search products: what the shop sells, by words and within a price."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from chat.assistant.builtin.seeking import Finding, Limits, search_terms, seek
from chat.assistant.tools.arguments import Arguments, Currency, Price, Words
from chat.assistant.tools.plain import plain
from core.db import Work
from core.full_text import Term
from core.passages import best_passage
from core.products import Product, card, products_by_ids
from core.tools import Result, Source, Tool, Use
from core.views import ProductCard

EXCERPT = 200
LONGEST = 4_000  # letters of a description that are read


class SearchProducts(Arguments):
    """Words, and what it may cost."""

    words: Words = ""
    max_price: Price | None = None
    min_price: Price | None = None
    currency: Currency | None = None
    limit: Annotated[int, Meta(ge=1, le=6)] = 3


class FoundProduct(ProductCard, tag="product", tag_field="type"):
    """A product as a card shows it, and what the shop writes of it that is closest to the words."""

    description: str = ""
    fits: bool = True  # it has everything that was asked for


async def search(use: Use, wanted: SearchProducts) -> Result:
    """The best products, those that can be bought first."""
    rows, finding = await use.services.db.read(_find, use, wanted)
    if not rows:
        others = finding.currencies - {wanted.currency}
        there = f" Prices here are in {', '.join(sorted(others))}." if others else ""
        return Result(status="nothing", note=f"No product fits.{there}")
    terms = search_terms(wanted.words)
    return Result(
        status="found",
        data=[_to_found(row, terms, finding) for row in rows],
        cards=tuple(card(row) for row in rows),
        sources=tuple(
            Source(kind="product", id=row.id, title=plain(row.title), url=row.url) for row in rows
        ),
        note=_counted(len(rows)) + ("" if finding.fits else " Not everything fits."),
    )


def _find(work: Work, use: Use, wanted: SearchProducts) -> tuple[list[Product], Finding]:
    limits = Limits(
        least=Decimal(wanted.min_price) if wanted.min_price else None,
        most=Decimal(wanted.max_price) if wanted.max_price else None,
        currency=wanted.currency or "",
    )
    found = seek(work, use.workspace_id, wanted.words, limits, wanted.limit, use.locale)
    return products_by_ids(work, use.workspace_id, found.ids), found


def _to_found(row: Product, terms: list[Term], finding: Finding) -> FoundProduct:
    shown = card(row)
    return FoundProduct(
        id=shown.id,
        title=plain(shown.title),
        price=shown.price,
        url=shown.url,
        image_url=shown.image_url,
        available=shown.available,
        description=best_passage(plain(row.description, LONGEST), terms, EXCERPT),
        fits=finding.fits,
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
