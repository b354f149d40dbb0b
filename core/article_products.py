"""Products within articles: the cards that `{{product: …}}` stands for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import or_, select

from core.article_text import escaped, product_names, to_html
from core.db import Database, Work, table_of
from core.products import Product, card
from core.views import ProductCard

_products = table_of(Product)


def cards_named(work: Work, workspace_id: str, names: Sequence[str]) -> dict[str, ProductCard]:
    """The workspace's products by what an article calls them: our id, or the shop's own.

    A name that the catalog does not have is left out; of several with it the first source's is
    taken.
    """
    if not names:
        return {}
    wanted = list(names)
    named = or_(_products.c.id.in_(wanted), _products.c.external_id.in_(wanted))
    query = select(Product).where(_products.c.workspace_id == workspace_id, named)
    order = (_products.c.source, _products.c.id)
    found: dict[str, ProductCard] = {}
    for product in work.session.scalars(query.order_by(*order)):
        for name in (product.id, product.external_id):
            if name in wanted:
                found.setdefault(name, card(product))
    return found


async def with_places(db: Database, workspace_id: str, body: str) -> tuple[str, list[ProductCard]]:
    """A body as HTML with empty places for its products, and their cards.

    A place is `<div data-product="prd_…"></div>`; within a line a product is a link. A long text
    takes a moment, so it is read beside the event loop.
    """
    names = await asyncio.to_thread(product_names, body)
    cards = await db.read(cards_named, workspace_id, names)
    places = {name: f'<div data-product="{escaped(one.id)}"></div>' for name, one in cards.items()}
    shown = {one.id: one for one in cards.values()}
    return to_html(body, places, links_to(cards)), list(shown.values())


def links_to(cards: dict[str, ProductCard]) -> dict[str, str]:
    """Products as they are mentioned within a line, by name."""
    return {
        name: f'<a href="{escaped(one.url)}" rel="noopener noreferrer">{escaped(one.title)}</a>'
        if one.url
        else escaped(one.title)
        for name, one in cards.items()
    }
