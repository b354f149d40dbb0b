"""Lists of articles: what is published, for everybody, and all that is written, for agents."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select

from core.articles import Article, ArticleText
from core.db import Work, table_of
from core.locales import LOCALES, preferred
from core.passages import best_passage

EXCERPT = 120  # characters of a list's line

_articles = table_of(Article)
_texts = table_of(ArticleText)
_IS_PUBLIC = _texts.c.published_at.is_not(None)


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a list of articles, in the language that fits best."""

    slug: str
    title: str
    locale: str
    excerpt: str  # how it begins
    collection_id: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An article as agents see it in a list, its title in the language that fits best."""

    id: str
    slug: str
    title: str
    collection_id: str
    locales: tuple[str, ...]  # it is written in, in our order
    is_public: bool  # in one of them at least
    is_changed: bool  # one of them has changes that are not public


def listed_articles(
    work: Work, workspace_id: str, locale: str, home: str, collection_id: str = ""
) -> list[Listed]:
    """Every published article, or those of a collection, in order; lines, not whole texts."""
    query = (
        select(
            _articles.c.slug,
            _articles.c.collection_id,
            _texts.c.locale,
            _texts.c.public_title,
            func.substr(_texts.c.public_plain, 1, 2 * EXCERPT),
        )
        .join(
            _texts,
            (_texts.c.workspace_id == _articles.c.workspace_id)
            & (_texts.c.article_id == _articles.c.id),
        )
        .where(_articles.c.workspace_id == workspace_id, _IS_PUBLIC)
        .order_by(_articles.c.position, _articles.c.id)
    )
    if collection_id:
        query = query.where(_articles.c.collection_id == collection_id)
    by_slug: dict[str, dict[str, Listed]] = {}
    for slug, collection_id, found_in, title, plain in work.execute(query):
        line = Listed(
            slug=slug,
            title=title,
            locale=found_in,
            excerpt=best_passage(plain, (), EXCERPT),
            collection_id=collection_id,
        )
        by_slug.setdefault(slug, {})[found_in] = line
    return [lines[preferred(locale, home, lines)] for lines in by_slug.values()]


def published_locales(work: Work, workspace_id: str) -> tuple[str, ...]:
    """The languages that something is published in, in our order."""
    query = select(_texts.c.locale).where(_texts.c.workspace_id == workspace_id, _IS_PUBLIC)
    known = set(work.execute(query.distinct()).scalars())
    return tuple(locale for locale in LOCALES if locale in known)


class _State(msgspec.Struct, frozen=True):
    title: str
    is_public: bool
    is_changed: bool


def written_articles(work: Work, workspace_id: str, home: str) -> list[Line]:
    """Every article, drafts and all, in the order of its collection.

    Whether bodies differ is compared in the database: there may be many, and long ones.
    """
    differs = (_texts.c.title != _texts.c.public_title) | (_texts.c.body != _texts.c.public_body)
    columns = (_texts.c.article_id, _texts.c.locale, _texts.c.title, _texts.c.published_at)
    query = select(*columns, differs).where(_texts.c.workspace_id == workspace_id)
    texts: dict[str, dict[str, _State]] = {}
    for article_id, locale, title, published_at, is_other in work.execute(query):
        is_public = published_at is not None
        state = _State(title, is_public, is_public and bool(is_other))
        texts.setdefault(article_id, {})[locale] = state
    rows = select(_articles.c.id, _articles.c.slug, _articles.c.collection_id).where(
        _articles.c.workspace_id == workspace_id
    )
    return [
        _line(article_id, slug, collection_id, texts[article_id], home)
        for article_id, slug, collection_id in work.execute(
            rows.order_by(_articles.c.position, _articles.c.id)
        )
    ]


def _line(
    article_id: str, slug: str, collection_id: str, texts: dict[str, _State], home: str
) -> Line:
    return Line(
        id=article_id,
        slug=slug,
        title=texts[preferred(home, home, texts)].title,
        collection_id=collection_id,
        locales=tuple(locale for locale in LOCALES if locale in texts),
        is_public=any(one.is_public for one in texts.values()),
        is_changed=any(one.is_changed for one in texts.values()),
    )
