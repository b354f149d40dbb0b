"""Articles: what the help centre says, in each language, and finding it.

Everybody may read what is published; nobody but agents sees drafts. `core.article_drafts` writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

import msgspec
from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    func,
    select,
    update,
)
from sqlmodel import Field, SQLModel, col

from core import full_text
from core.article_collections import Collection, name_of
from core.db import Work, table_of
from core.errors import NotFound
from core.full_text import QUERY_LENGTH, QUERY_WORDS, Term, to_phrases
from core.locales import LOCALES, preferred, to_locale
from core.passages import LENGTH, best_passage, near, share, wanted_terms
from core.workspaces import workspace

CONSIDERED = 1_000  # texts that have the words, before languages are told apart
READ = 24  # of them that are compared word by word
FOUND = 5
NEARLY = 0.6  # of the best score: what has less is no answer beside it
TITLE_WORTH = 0.25  # of a score, the rest is the whole text's


class Article(SQLModel, table=True):
    """One article; its words are in `ArticleText`, one row a language."""

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slug"),
        ForeignKeyConstraint(
            ["workspace_id", "collection_id"],
            ["article_collections.workspace_id", "article_collections.id"],
        ),
        Index("articles_in_order", "workspace_id", "collection_id", "position"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    slug: str
    collection_id: str
    position: int = 0
    helpful_yes: int = 0
    helpful_no: int = 0
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


class ArticleSlug(SQLModel, table=True):
    """Every slug an article has had: old links lead to the new address."""

    __tablename__ = "article_slugs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "article_id"], ["articles.workspace_id", "articles.id"]
        ),
        Index("article_slugs_of_article", "workspace_id", "article_id"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    slug: str = Field(primary_key=True)
    article_id: str


class ArticleText(SQLModel, table=True):
    """An article in one language: what is being written, and what is public."""

    __tablename__ = "article_texts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "article_id"], ["articles.workspace_id", "articles.id"]
        ),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    article_id: str = Field(primary_key=True)
    locale: str = Field(primary_key=True)
    title: str
    body: str = Field(default="", sa_type=Text)  # Markdown
    public_title: str = ""
    public_body: str = Field(default="", sa_type=Text)
    public_plain: str = Field(default="", sa_type=Text)  # the public body without its marks
    published_at: int | None = Field(default=None, sa_type=BigInteger)  # None: not public
    title_words: str = Field(default="", sa_type=Text)  # what search compares: the public text
    more_words: str = Field(default="", sa_type=Text)
    updated_at: int = Field(sa_type=BigInteger)
    updated_by: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A published article that was sought: the passage that answers, and where all of it is."""

    slug: str
    title: str
    locale: str
    excerpt: str  # plain text, lines of their own where the article has them
    path: str  # of its public page, below the hub's address
    score: float  # 0 to 1: how many of the words sought it has
    collection: str  # its name


_articles = table_of(Article)
_texts = table_of(ArticleText)
_slugs = table_of(ArticleSlug)
_IS_PUBLIC = _texts.c.published_at.is_not(None)


# Languages and addresses ------------------------------------------------------------------


def home_locale(work: Work, workspace_id: str) -> str:
    """The workspace's own language: the one that most of its published articles are in."""
    query = (
        select(_texts.c.locale, func.count())
        .where(_texts.c.workspace_id == workspace_id, _IS_PUBLIC)
        .group_by(_texts.c.locale)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in work.execute(query)}
    return max(LOCALES, key=lambda locale: counts.get(locale, 0))  # of several the first of ours


def help_path(handle: str, slug: str = "", locale: str = "", home: str = "") -> str:
    """Where the public help centre or one article is, below the hub's address."""
    path = f"/help/{quote(handle)}" + (f"/{quote(slug)}" if slug else "")
    return path + (f"?lang={locale}" if locale and locale != home else "")


# Reading ----------------------------------------------------------------------------------


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """An article as everybody reads it, in the language that fits best."""

    article: Article
    text: ArticleText
    locales: tuple[str, ...]  # it is published in, in our order


def published_article(
    work: Work, workspace_id: str, slug: str, locale: str, home: str
) -> Published:
    """The article of a slug it has or has had; NotFound if it is not published."""
    query = (
        select(Article)
        .join(
            ArticleSlug,
            (_slugs.c.workspace_id == _articles.c.workspace_id)
            & (_slugs.c.article_id == _articles.c.id),
        )
        .where(_slugs.c.workspace_id == workspace_id, _slugs.c.slug == slug)
    )
    article = work.session.scalars(query).first()
    texts = _public_texts(work, workspace_id, [article.id])[article.id] if article else {}
    if article is None or not texts:
        raise NotFound("There is no such article.")
    return _published(article, texts, locale, home)


def _published(
    article: Article, texts: dict[str, ArticleText], locale: str, home: str
) -> Published:
    return Published(
        article=article,
        text=texts[preferred(locale, home, texts)],
        locales=tuple(one for one in LOCALES if one in texts),
    )


def _public_texts(
    work: Work, workspace_id: str, article_ids: Iterable[str]
) -> dict[str, dict[str, ArticleText]]:
    ids = list(article_ids)
    query = select(ArticleText).where(
        _texts.c.workspace_id == workspace_id, _texts.c.article_id.in_(ids), _IS_PUBLIC
    )
    found: dict[str, dict[str, ArticleText]] = {article_id: {} for article_id in ids}
    for text in work.session.scalars(query):
        found[text.article_id][text.locale] = text
    return found


def count_helpful(work: Work, workspace_id: str, slug: str, *, helpful: bool) -> None:
    """Somebody found a published article helpful, or not."""
    article = published_article(work, workspace_id, slug, "", "").article
    counter = _articles.c.helpful_yes if helpful else _articles.c.helpful_no
    this = (_articles.c.workspace_id == workspace_id, _articles.c.id == article.id)
    work.execute(update(_articles).where(*this).values({counter: counter + 1}))


# Searching --------------------------------------------------------------------------------


def search_articles(
    work: Work,
    workspace_id: str,
    words: str,
    locale: str = "",
    limit: int = FOUND,
    *,
    length: int = LENGTH,
) -> list[Found]:
    """The published articles that answer `words` best, each once, with the passage that does.

    Words that every question has count for nothing, other forms of a word for a little less;
    articles with much less of what is sought than the best are left out. An article is shown in
    the wanted language if that has the words, else in the workspace's own, else in any. An
    excerpt has at most `length` characters.
    """
    phrases = to_phrases(words[:QUERY_LENGTH])[:QUERY_WORDS]
    terms = wanted_terms(phrases)
    names = _matching(work, workspace_id, phrases, terms)
    if not names:
        return []
    home = home_locale(work, workspace_id)
    order = list(dict.fromkeys([to_locale(locale) or home, home, *LOCALES]))
    chosen: dict[str, str] = {}  # the language each article is shown in
    for article_id, found_in in sorted(names, key=lambda name: order.index(name[1])):
        chosen.setdefault(article_id, found_in)
    named = [name for name in names if chosen[name[0]] == name[1]]
    named.sort(key=lambda name: order.index(name[1]))  # otherwise they stay best first
    texts = _texts_of(work, workspace_id, named[: max(READ, limit)])
    scored = [(_score(text, terms), text) for text in texts]
    least = NEARLY * max((score for score, _ in scored), default=0.0)
    scored = [pair for pair in scored if pair[0] >= least]
    scored.sort(key=lambda pair: (order.index(pair[1].locale), -pair[0]))
    return _to_found(work, workspace_id, scored[:limit], terms, home, length)


def _matching(
    work: Work, workspace_id: str, phrases: Sequence[list[str]], terms: Sequence[Term]
) -> list[tuple[str, ...]]:
    """Names of the texts that have every word as typed, every word in some form, or any."""
    forms = [near(term) for term in terms]
    found: dict[tuple[str, ...], None] = {}
    for tried, every in ((full_text.as_typed(phrases), True), (forms, True), (forms, False)):
        some = full_text.match(
            work, full_text.ARTICLES, workspace_id, tried, CONSIDERED, every=every
        )
        found.update(dict.fromkeys(some))
        if len(found) >= READ:
            break
    return list(found)


def _texts_of(work: Work, workspace_id: str, names: Sequence[tuple[str, ...]]) -> list[ArticleText]:
    by_article = _public_texts(work, workspace_id, [name[0] for name in names])
    return [by_article[name[0]][name[1]] for name in names if name[1] in by_article[name[0]]]


def _score(text: ArticleText, terms: Sequence[Term]) -> float:
    titled = share(text.title_words, terms)
    whole = share(f"{text.title_words} {text.more_words}", terms)
    return TITLE_WORTH * titled + (1 - TITLE_WORTH) * whole


def _to_found(
    work: Work,
    workspace_id: str,
    scored: Sequence[tuple[float, ArticleText]],
    terms: Sequence[Term],
    home: str,
    length: int,
) -> list[Found]:
    handle = workspace(work, workspace_id).handle
    ids = [text.article_id for _, text in scored]
    query = (
        select(_articles.c.id, _articles.c.slug, Collection)
        .join(
            Collection,
            (col(Collection.workspace_id) == _articles.c.workspace_id)
            & (col(Collection.id) == _articles.c.collection_id),
        )
        .where(_articles.c.workspace_id == workspace_id, _articles.c.id.in_(ids))
    )
    places = {row[0]: (row[1], row[2]) for row in work.session.execute(query)}
    return [
        Found(
            slug=places[text.article_id][0],
            title=text.public_title,
            locale=text.locale,
            excerpt=best_passage(text.public_plain, terms, length),
            path=help_path(handle, places[text.article_id][0], text.locale, home),
            score=round(score, 3),
            collection=name_of(places[text.article_id][1], text.locale, home),
        )
        for score, text in scored
    ]


def count_articles(work: Work, workspace_id: str) -> int:
    """How many articles a workspace has, drafts and all."""
    query = select(func.count()).where(_articles.c.workspace_id == workspace_id)
    return int(work.execute(query).scalar_one())
