"""Settings → Articles: collections, drafts in six languages, publishing, and a preview."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core import article_collections as shelves
from core import article_drafts as drafts
from core.access import ADMIN, AGENT
from core.article_collections import Icon
from core.article_lists import Line, written_articles
from core.article_products import with_places
from core.article_text import to_plain
from core.articles import ArticleText, help_path, home_locale
from core.db import Work
from core.ids import moment, to_ms
from core.locales import Locale
from core.routes import Answer, Call, Route
from core.views import ProductCard
from core.workspaces import workspace

Title = Annotated[str, Meta(max_length=400)]
Body = Annotated[str, Meta(max_length=drafts.BODY_BYTES)]
Position = Annotated[int, Meta(ge=0, le=drafts.MOST)]
Names = dict[Locale, Annotated[str, Meta(max_length=400)]]
State = Literal["draft", "published"]


class ArticleLine(msgspec.Struct, kw_only=True):
    """An article in the list; its title in the help centre's own language, or the next best."""

    id: str
    slug: str
    title: str
    state: State  # published in at least one language
    locales: list[str]  # it is written in
    changed: bool  # some language has changes that are not public


class Shelf(msgspec.Struct, kw_only=True):
    """A collection and its articles, in their order."""

    id: str
    names: dict[str, str]
    icon: str
    position: int
    articles: list[ArticleLine]


class HelpCentre(msgspec.Struct, kw_only=True):
    help_url: str  # its public page
    locale: str  # the language that most of it is in
    collections: list[Shelf]


class TextView(msgspec.Struct, kw_only=True):
    """An article in one language."""

    title: str
    body: str  # Markdown
    state: State
    changed: bool  # what is public is older
    updated_at: datetime
    updated_by: str
    published_at: datetime | None


class Helpful(msgspec.Struct):
    """What readers said."""

    yes: int
    no: int


class ArticleView(msgspec.Struct, kw_only=True):
    id: str
    slug: str
    collection: str
    position: int
    texts: dict[str, TextView]
    helpful: Helpful
    url: str  # its public page, there once it is published


class NewArticle(msgspec.Struct, kw_only=True):
    title: Title
    locale: Locale = "en"
    collection: Annotated[str, Meta(max_length=64)] = ""  # none: the first


class Placing(msgspec.Struct, kw_only=True):
    """Where an article is; what is left out stays."""

    slug: Annotated[str, Meta(max_length=400)] | None = None
    collection: Annotated[str, Meta(max_length=64)] | None = None
    position: Position | None = None


class Draft(msgspec.Struct, kw_only=True):
    title: Title
    body: Body
    since: datetime | None = None  # the text's `updated_at` one began from: 409 if it is newer


class Previewed(msgspec.Struct):
    body: Body


class Preview(msgspec.Struct):
    """Safe HTML with empty places for products (`data-product`), and their cards."""

    html: str
    products: list[ProductCard]


class NewCollection(msgspec.Struct, kw_only=True):
    names: Names
    icon: Icon = "book"
    position: Position | None = None  # none: at the end


class CollectionChange(msgspec.Struct, kw_only=True):
    """What is to change; names are replaced as a whole."""

    names: Names | None = None
    icon: Icon | None = None
    position: Position | None = None


class CollectionView(msgspec.Struct, kw_only=True):
    id: str
    names: dict[str, str]
    icon: str
    position: int


# Reading ----------------------------------------------------------------------------------


async def list_articles(call: Call) -> HelpCentre:
    """Every collection and article, drafts and all."""
    return await call.services.db.read(_help_centre, call.workspace_id, call.services.public_url)


def _help_centre(work: Work, workspace_id: str, public_url: str) -> HelpCentre:
    home = home_locale(work, workspace_id)
    lines: dict[str, list[ArticleLine]] = {}
    for line in written_articles(work, workspace_id, home):
        lines.setdefault(line.collection_id, []).append(_line(line))
    return HelpCentre(
        help_url=public_url + help_path(workspace(work, workspace_id).handle),
        locale=home,
        collections=[
            Shelf(
                id=row.id,
                names=row.names,
                icon=row.icon,
                position=row.position,
                articles=lines.get(row.id, []),
            )
            for row in shelves.collections(work, workspace_id)
        ],
    )


def _line(line: Line) -> ArticleLine:
    return ArticleLine(
        id=line.id,
        slug=line.slug,
        title=line.title,
        state="published" if line.is_public else "draft",
        locales=list(line.locales),
        changed=line.is_changed,
    )


async def read_article(call: Call) -> ArticleView:
    """An article in all its languages."""
    return await call.services.db.read(_view, call, call.path["id"])


def _view(work: Work, call: Call, article_id: str) -> ArticleView:
    row = drafts.article(work, call.workspace_id, article_id)
    handle = workspace(work, call.workspace_id).handle
    return ArticleView(
        id=row.id,
        slug=row.slug,
        collection=row.collection_id,
        position=row.position,
        texts={one.locale: _text(one) for one in drafts.texts_of(work, row.workspace_id, row.id)},
        helpful=Helpful(row.helpful_yes, row.helpful_no),
        url=call.services.public_url + help_path(handle, row.slug),
    )


def _text(text: ArticleText) -> TextView:
    return TextView(
        title=text.title,
        body=text.body,
        state="draft" if text.published_at is None else "published",
        changed=drafts.is_changed(text),
        updated_at=moment(text.updated_at),
        updated_by=text.updated_by,
        published_at=None if text.published_at is None else moment(text.published_at),
    )


async def preview(call: Call) -> Preview:
    """What a body will look like; nothing is saved."""
    drafts.checked_body(call.body.body)
    return Preview(*await with_places(call.services.db, call.workspace_id, call.body.body))


# Writing ----------------------------------------------------------------------------------


async def create_article(call: Call) -> Answer:
    """Begin an article; nobody sees it before it is published."""
    return Answer(await call.services.db.write(_create, call), 201)


def _create(work: Work, call: Call) -> ArticleView:
    given: NewArticle = call.body
    made = drafts.create_article(work, call.principal, given.title, given.locale, given.collection)
    return _view(work, call, made.id)


async def place_article(call: Call) -> ArticleView:
    """Change an article's address, collection or place."""
    return await call.services.db.write(_place, call)


def _place(work: Work, call: Call) -> ArticleView:
    given: Placing = call.body
    row = drafts.place_article(
        work, call.principal, call.path["id"], given.slug, given.collection, given.position
    )
    return _view(work, call, row.id)


async def save_draft(call: Call) -> TextView:
    """Save what is being written; what is public stays as it is."""
    given: Draft = call.body
    since = None if given.since is None else to_ms(given.since)
    saved = await call.services.db.write(
        drafts.save_draft, call.principal, *_named(call), given.title, given.body, since
    )
    return _text(saved)


async def publish(call: Call) -> TextView:
    """Show everybody what is written."""
    text = await call.services.db.read(drafts.text_of, call.workspace_id, *_named(call))
    await asyncio.to_thread(to_plain, text.body)  # remembered, so that the writing is quick
    return _text(await call.services.db.write(drafts.publish, call.principal, *_named(call)))


async def unpublish(call: Call) -> TextView:
    """Take an article in this language from the public; the draft stays."""
    return _text(await call.services.db.write(drafts.unpublish, call.principal, *_named(call)))


async def delete_text(call: Call) -> Answer:
    """Take one language of an article away."""
    await call.services.db.write(drafts.delete_text, call.principal, *_named(call))
    return Answer(status=204)


async def delete_article(call: Call) -> Answer:
    """Take an article away, in every language."""
    await call.services.db.write(drafts.delete_article, call.principal, call.path["id"])
    return Answer(status=204)


def _named(call: Call) -> tuple[str, str]:
    return call.path["id"], call.path["locale"]


async def create_collection(call: Call) -> Answer:
    """Add a collection."""
    given: NewCollection = call.body
    row = await call.services.db.write(
        shelves.create_collection, call.principal, given.names, given.icon, given.position
    )
    return Answer(_shelf(row), 201)


async def change_collection(call: Call) -> CollectionView:
    """Rename a collection, or put it elsewhere."""
    given: CollectionChange = call.body
    row = await call.services.db.write(
        shelves.change_collection,
        call.principal,
        call.path["id"],
        given.names,
        given.icon,
        given.position,
    )
    return _shelf(row)


async def delete_collection(call: Call) -> Answer:
    """Take an empty collection away."""
    await call.services.db.write(shelves.delete_collection, call.principal, call.path["id"])
    return Answer(status=204)


def _shelf(row: shelves.Collection) -> CollectionView:
    return CollectionView(id=row.id, names=row.names, icon=row.icon, position=row.position)


_BASE = "/console/api/articles"
_ONE = f"{_BASE}/{{id}}"
_TEXT = f"{_ONE}/{{locale}}"
_SHELVES = "/console/api/collections"
_ROUTES = [
    Route("GET", _BASE, list_articles, AGENT, "The help centre, drafts and all", answer=HelpCentre),
    Route(
        "POST",
        _BASE,
        create_article,
        AGENT,
        "Begin an article",
        body=NewArticle,
        answer=ArticleView,
        status=201,
    ),
    Route(
        "POST",
        f"{_BASE}/preview",
        preview,
        AGENT,
        "What an article will look like",
        body=Previewed,
        answer=Preview,
    ),
    Route("GET", _ONE, read_article, AGENT, "An article in all languages", answer=ArticleView),
    Route("PUT", _ONE, place_article, AGENT, "Move an article", body=Placing, answer=ArticleView),
    Route("DELETE", _ONE, delete_article, AGENT, "Delete an article", status=204),
    Route("PUT", _TEXT, save_draft, AGENT, "Save a draft", body=Draft, answer=TextView),
    Route("POST", f"{_TEXT}/publish", publish, AGENT, "Publish a language", answer=TextView),
    Route("POST", f"{_TEXT}/unpublish", unpublish, AGENT, "Unpublish a language", answer=TextView),
    Route("DELETE", _TEXT, delete_text, AGENT, "Delete a language of an article", status=204),
    Route(
        "POST",
        _SHELVES,
        create_collection,
        AGENT,
        "Add a collection",
        body=NewCollection,
        answer=CollectionView,
        status=201,
    ),
    Route(
        "PUT",
        f"{_SHELVES}/{{id}}",
        change_collection,
        AGENT,
        "Change a collection",
        body=CollectionChange,
        answer=CollectionView,
    ),
    Route(
        "DELETE", f"{_SHELVES}/{{id}}", delete_collection, ADMIN, "Delete a collection", status=204
    ),
]
ROUTES = [replace(route, tag="Articles") for route in _ROUTES]
