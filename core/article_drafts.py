"""Drafts of articles: writing, publishing, moving and taking away what the help centre says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlmodel import col

from core.access import Principal
from core.article_collections import collection_for
from core.article_text import BRACKETS, to_plain
from core.articles import Article, ArticleSlug, ArticleText, count_articles
from core.audit import audit
from core.db import Work, table_of
from core.drafts import short
from core.errors import Conflict, Invalid, NotFound
from core.events import ArticlesChanged
from core.full_text import to_words
from core.ids import new_id
from core.locales import LOCALES
from core.slugs import checked_slug, free_slug

TITLE_LENGTH = 200
BODY_BYTES = 100_000
MOST = 2_000

_texts = table_of(ArticleText)


# Reading, as agents do --------------------------------------------------------------------


def article(work: Work, workspace_id: str, article_id: str) -> Article:
    """The article, published or not; or NotFound."""
    found = work.session.get(Article, (workspace_id, article_id))
    if found is None:
        raise NotFound("There is no such article.")
    return found


def texts_of(work: Work, workspace_id: str, article_id: str) -> list[ArticleText]:
    """An article in all its languages, in our order."""
    query = select(ArticleText).where(
        col(ArticleText.workspace_id) == workspace_id, col(ArticleText.article_id) == article_id
    )
    return sorted(work.session.scalars(query), key=lambda text: LOCALES.index(text.locale))


def text_of(work: Work, workspace_id: str, article_id: str, locale: str) -> ArticleText:
    """An article in one language, or NotFound."""
    text = work.session.get(ArticleText, (workspace_id, article_id, locale))
    if text is None:
        raise NotFound("There is no such article in this language.")
    return text


def is_changed(text: ArticleText) -> bool:
    """Whether what is public is older than what is written."""
    return text.published_at is not None and (
        (text.title, text.body) != (text.public_title, text.public_body)
    )


# Writing ----------------------------------------------------------------------------------


def create_article(
    work: Work, by: Principal, title: str, locale: str, collection_id: str = ""
) -> Article:
    """A new article without a body, at the end of its collection; nobody sees it yet."""
    if count_articles(work, by.workspace_id) >= MOST:
        raise Invalid(f"A help centre has at most {MOST:,} articles.")
    title, locale = _checked_title(title), checked_locale(locale)
    shelf = collection_for(work, by.workspace_id, collection_id, locale)
    row = Article(
        workspace_id=by.workspace_id,
        id=new_id("art"),
        slug=free_slug(title, "article", lambda slug: _taken(work, by.workspace_id, slug)),
        collection_id=shelf.id,
        position=_count_in(work, by.workspace_id, shelf.id),
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(row)
    _keep_slug(work, row)
    _save_text(work, by, row, locale, title, "")
    audit(work, by, "article.created", row.id, after={"title": title, "slug": row.slug})
    work.announce(by.workspace_id, ArticlesChanged())
    return row


def save_draft(
    work: Work,
    by: Principal,
    article_id: str,
    locale: str,
    title: str,
    body: str,
    since: int | None = None,
) -> ArticleText:
    """Save what is being written in a language; what is public stays as it is.

    Conflict if somebody has saved it after `since`, the `updated_at` the writer began from.
    """
    row = article(work, by.workspace_id, article_id)
    title, locale = _checked_title(title), checked_locale(locale)
    known = work.session.get(ArticleText, (by.workspace_id, article_id, locale))
    if known is not None and since is not None and known.updated_at > since:
        raise Conflict(f"{known.updated_by} has saved this text in between.", code="newer")
    before = None if known is None else (known.title, is_changed(known))
    text = _save_text(work, by, row, locale, title, checked_body(body))
    if (text.title, is_changed(text)) != before:  # what lists of articles show
        work.announce(by.workspace_id, ArticlesChanged())
    return text


def _save_text(
    work: Work, by: Principal, row: Article, locale: str, title: str, body: str
) -> ArticleText:
    key = (row.workspace_id, row.id, locale)
    text = work.session.get(ArticleText, key, with_for_update=True) or ArticleText(
        workspace_id=row.workspace_id, article_id=row.id, locale=locale, title="", updated_at=0
    )
    text.title, text.body = title, body
    text.updated_at, text.updated_by = work.now, by.name
    row.updated_at = work.now
    work.add(row)
    return work.add(text)


def publish(work: Work, by: Principal, article_id: str, locale: str) -> ArticleText:
    """Show everybody what is written in a language; Invalid while nothing is."""
    text = text_of(work, by.workspace_id, article_id, locale)
    if not text.body.strip():
        raise Invalid("There is nothing to publish yet: the article is empty.", field="body")
    if text.published_at is not None and not is_changed(text):
        return text
    text.public_title, text.public_body = text.title, text.body
    text.public_plain = to_plain(text.body)
    text.published_at = work.now
    text.title_words, text.more_words = to_words(text.title), to_words(text.public_plain)
    work.add(text)
    _audit(work, by, "article.published", text)
    return text


def unpublish(work: Work, by: Principal, article_id: str, locale: str) -> ArticleText:
    """Take an article in one language from the public; the draft stays."""
    text = text_of(work, by.workspace_id, article_id, locale)
    if text.published_at is None:
        return text
    text.public_title = text.public_body = text.public_plain = ""
    text.title_words = text.more_words = ""
    text.published_at = None
    work.add(text)
    _audit(work, by, "article.unpublished", text)
    return text


def delete_text(work: Work, by: Principal, article_id: str, locale: str) -> None:
    """Take one language of an article away; Conflict if it is the last."""
    text = text_of(work, by.workspace_id, article_id, locale)
    if len(texts_of(work, by.workspace_id, article_id)) == 1:
        raise Conflict("This is the article's only language: delete the article instead.")
    _audit(work, by, "article.text_deleted", text)
    work.session.delete(text)
    work.session.flush()


def delete_article(work: Work, by: Principal, article_id: str) -> None:
    """Take an article away in every language, for good."""
    row = article(work, by.workspace_id, article_id)
    audit(work, by, "article.deleted", row.id, before={"slug": row.slug})
    for table in (_texts, table_of(ArticleSlug)):
        this = (table.c.workspace_id == by.workspace_id, table.c.article_id == article_id)
        work.execute(delete(table).where(*this))
    work.session.expire_all()
    work.session.delete(row)
    work.session.flush()
    work.announce(by.workspace_id, ArticlesChanged())


def _audit(work: Work, by: Principal, action: str, text: ArticleText) -> None:
    audit(work, by, action, text.article_id, after={"locale": text.locale, "title": text.title})
    work.announce(by.workspace_id, ArticlesChanged())


# Where it is ------------------------------------------------------------------------------


def place_article(
    work: Work,
    by: Principal,
    article_id: str,
    slug: str | None = None,
    collection_id: str | None = None,
    position: int | None = None,
) -> Article:
    """Change an article's address, its collection or its place there; what is left out stays."""
    row = article(work, by.workspace_id, article_id)
    before = {"slug": row.slug, "collection": row.collection_id}
    if slug is not None and slug != row.slug:
        row.slug = _free(work, row, checked_slug(slug))
        _keep_slug(work, row)
    if collection_id is not None and collection_id != row.collection_id:
        row.collection_id = collection_for(work, by.workspace_id, collection_id or " ", "en").id
        position = MOST if position is None else position
    if position is not None:
        _move(work, row, position)
    after = {"slug": row.slug, "collection": row.collection_id}
    if after != before:
        audit(work, by, "article.moved", row.id, before, after)
    row.updated_at = work.now
    work.add(row)
    work.announce(by.workspace_id, ArticlesChanged())
    return row


def _move(work: Work, row: Article, position: int) -> None:
    others = [
        one for one in _in_collection(work, row.workspace_id, row.collection_id) if one.id != row.id
    ]
    others.insert(max(0, position), row)
    for place, one in enumerate(others):
        if one.position != place:
            one.position = place
            work.add(one)


def _in_collection(work: Work, workspace_id: str, collection_id: str) -> Sequence[Article]:
    query = select(Article).where(
        col(Article.workspace_id) == workspace_id, col(Article.collection_id) == collection_id
    )
    return work.session.scalars(query.order_by(col(Article.position), col(Article.id))).all()


def _count_in(work: Work, workspace_id: str, collection_id: str) -> int:
    query = select(func.count()).where(
        col(Article.workspace_id) == workspace_id, col(Article.collection_id) == collection_id
    )
    return int(work.execute(query).scalar_one())


def _taken(work: Work, workspace_id: str, slug: str) -> bool:
    return work.session.get(ArticleSlug, (workspace_id, slug)) is not None


def _free(work: Work, row: Article, slug: str) -> str:
    """The slug, if it is no other article's today; what one was once called may be taken."""
    taken = select(col(Article.id)).where(
        col(Article.workspace_id) == row.workspace_id,
        col(Article.slug) == slug,
        col(Article.id) != row.id,
    )
    if work.execute(taken).first() is not None:
        raise Conflict("Another article has this address.", code="slug_taken", field="slug")
    return slug


def _keep_slug(work: Work, row: Article) -> None:
    kept = work.session.get(ArticleSlug, (row.workspace_id, row.slug)) or ArticleSlug(
        workspace_id=row.workspace_id, slug=row.slug, article_id=row.id
    )
    kept.article_id = row.id
    work.add(row)
    work.add(kept)


# What may be written ----------------------------------------------------------------------


def _checked_title(title: str) -> str:
    title = short(" ".join(title.split()), "title", TITLE_LENGTH)
    if not title:
        raise Invalid("An article needs a title.", field="title")
    return title


def checked_body(body: str) -> str:
    """Markdown as it is kept; Invalid if it is too long."""
    if len(body.encode()) > BODY_BYTES:
        raise Invalid(f"An article has at most {BODY_BYTES:,} bytes.", field="body")
    if body.count("[") > BRACKETS:
        raise Invalid(f"An article has at most {BRACKETS:,} square brackets.", field="body")
    return body.replace("\r\n", "\n")


def checked_locale(locale: str) -> str:
    """One of our languages, or Invalid."""
    if locale not in LOCALES:
        raise Invalid(f"locale must be one of {', '.join(LOCALES)}.", field="locale")
    return locale
