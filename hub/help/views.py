"""Views: what the help centre's pages show, read in one go and in one language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from core import widgets
from core.article_collections import Collection, collection, collections, name_of
from core.article_lists import Listed, listed_articles, published_locales
from core.article_products import cards_named
from core.article_text import minutes_to_read, product_names
from core.articles import (
    Found,
    help_path,
    home_locale,
    published_article,
    search_articles,
)
from core.db import Work
from core.errors import NotFound
from core.ids import moment
from core.locales import to_locale
from core.views import ProductCard
from core.widgets import Widget
from core.workspaces import Workspace, workspace_by_handle

RELATED = 6  # articles beside the one that is read
FOUND = 20


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """Whose help centre it is, and how it looks."""

    workspace_id: str
    name: str
    handle: str
    home: str  # the language most of it is in
    color: str
    logo: str
    site: str  # the shop's own address; "" if we do not know it


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """A collection and what is published in it."""

    id: str
    name: str
    icon: str
    articles: list[Listed]


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The first page, and what a search found."""

    shop: Shop
    locale: str
    locales: tuple[str, ...]  # something is published in
    shelves: list[Shelf]
    words: str = ""
    found: list[Found] = []


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The page of one article."""

    shop: Shop
    locale: str  # of the page
    slug: str  # the one it has today
    title: str
    body: str
    plain: str
    language: str  # of the article: another one where it is not translated
    locales: tuple[str, ...]
    shelf: Shelf
    updated_at: datetime
    minutes: int
    products: dict[str, ProductCard]


def shop_of(work: Work, handle: str) -> Shop:
    """The shop of a readable name, or NotFound."""
    found = workspace_by_handle(work, handle)
    if found is None:
        raise NotFound("There is no such help centre.")
    return _shop(work, found)


def _shop(work: Work, row: Workspace) -> Shop:
    own = _own_widget(work, row.id)
    return Shop(
        workspace_id=row.id,
        name=row.name,
        handle=row.handle,
        home=home_locale(work, row.id),
        color=own.primary_color if own else widgets.COLOR,
        logo=(own.logo_url if own else None) or "",
        site=widgets.known_site(work, row.id),
    )


def _own_widget(work: Work, workspace_id: str) -> Widget | None:
    try:
        return widgets.default_widget(work, workspace_id)
    except NotFound:
        return None


def start(work: Work, handle: str, lang: str, words: str = "") -> Start:
    """Everything that is published, by collection; with words also what they find."""
    shop = shop_of(work, handle)
    locale = to_locale(lang) or shop.home
    return Start(
        shop=shop,
        locale=locale,
        locales=published_locales(work, shop.workspace_id),
        shelves=_shelves(work, shop, locale),
        words=words,
        found=search_articles(work, shop.workspace_id, words, locale, FOUND) if words else [],
    )


def _shelves(work: Work, shop: Shop, locale: str) -> list[Shelf]:
    lines: dict[str, list[Listed]] = {}
    for line in listed_articles(work, shop.workspace_id, locale, shop.home):
        lines.setdefault(line.collection_id, []).append(line)
    return [
        _shelf(row, lines[row.id], locale, shop.home)
        for row in collections(work, shop.workspace_id)
        if row.id in lines
    ]


def _shelf(row: Collection, articles: Sequence[Listed], locale: str, home: str) -> Shelf:
    name = name_of(row, locale, home)
    return Shelf(id=row.id, name=name, icon=row.icon, articles=list(articles))


def reading(work: Work, handle: str, slug: str, lang: str) -> Reading:
    """One article; NotFound if there is no such shop, or nothing published of that slug."""
    shop = shop_of(work, handle)
    locale = to_locale(lang) or shop.home
    found = published_article(work, shop.workspace_id, slug, locale, shop.home)
    row = collection(work, shop.workspace_id, found.article.collection_id)
    beside = [
        line
        for line in listed_articles(work, shop.workspace_id, locale, shop.home, row.id)
        if line.slug != found.article.slug
    ]
    text = found.text
    return Reading(
        shop=shop,
        locale=locale,
        slug=found.article.slug,
        title=text.public_title,
        body=text.public_body,
        plain=text.public_plain,
        language=text.locale,
        locales=found.locales,
        shelf=_shelf(row, beside[:RELATED], locale, shop.home),
        updated_at=moment(text.published_at or 0),
        minutes=minutes_to_read(text.public_plain),
        products=cards_named(work, shop.workspace_id, product_names(text.public_body)),
    )


def path_of(shop: Shop, slug: str = "", locale: str = "") -> str:
    """A page's address below the hub's, in a language."""
    return help_path(shop.handle, slug, locale, shop.home)
