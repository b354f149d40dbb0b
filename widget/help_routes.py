"""The help centre within the widget: collections, search, one article, and whether it helped."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from core import widgets
from core.access import PUBLIC
from core.article_collections import collection, collections, name_of
from core.article_lists import listed_articles
from core.article_products import with_places
from core.article_text import minutes_to_read
from core.articles import (
    Published,
    count_helpful,
    help_path,
    home_locale,
    published_article,
    search_articles,
)
from core.db import Work
from core.decode import decode
from core.errors import NotFound
from core.files import File, to_file
from core.ids import moment
from core.locales import to_locale
from core.routes import Answer, Call, Route
from core.services import Services
from core.shown import Shown
from core.views import ProductCard
from core.workspaces import workspace
from widget.routes import CACHE, OPEN_TO_ALL, public_id_of, remember

FOUND = 10
Tag = Annotated[str, Meta(max_length=35)]


class Asked(msgspec.Struct, kw_only=True):
    """Query parameters."""

    locale: Tag = ""  # the browser's, such as de-AT


class Sought(Asked, kw_only=True):
    q: Annotated[str, Meta(max_length=300)] = ""


class Line(msgspec.Struct, kw_only=True):
    slug: str
    title: str
    excerpt: str


class Shelf(msgspec.Struct, kw_only=True):
    """A collection that has published articles."""

    id: str
    name: str
    icon: str
    articles: list[Line]


class Help(msgspec.Struct, kw_only=True):
    """The help centre in the language that fits best."""

    locale: str  # the language its names are in
    total: int  # 0: there is no help centre
    url: str  # its public page
    collections: list[Shelf]


class Hit(Line, kw_only=True):
    """A passage that was found, and the article it is in."""

    locale: str
    collection: str
    url: str


class Hits(msgspec.Struct):
    items: list[Hit]


class Reading(msgspec.Struct, kw_only=True):
    """One article; `html` is safe, with empty places for its products (`data-product`)."""

    slug: str
    title: str
    html: str
    locale: str
    locales: list[str]  # it is published in
    collection: str
    updated_at: datetime
    minutes: int
    products: list[ProductCard]
    url: str


class Verdict(msgspec.Struct):
    """Whether an article helped."""

    helpful: bool
    locale: Tag = ""


class HelpRoutes:
    """The routes, and what they remember between requests."""

    def __init__(self) -> None:
        self._shown = Shown()
        self._workspaces: OrderedDict[str, str] = OrderedDict()  # by public id

    def forget(self, workspace_id: str) -> None:
        """Drop what is kept of a workspace: it has changed."""
        self._shown.forget(workspace_id)

    async def overview(self, call: Call) -> Answer:
        """Everything that is published, by collection."""
        locale = to_locale(call.ask(Asked).locale) or ""
        services, workspace_id = call.services, await self._workspace(call)

        async def make() -> File:
            url = services.public_url
            return await _to_file(await services.db.read(_overview, workspace_id, url, locale))

        file = await self._shown.get(workspace_id, "overview", locale, make=make)
        return file.answer(call.headers, cache=CACHE, headers=OPEN_TO_ALL)

    async def article(self, call: Call) -> Answer:
        """One article, by any slug it has had."""
        locale = to_locale(call.ask(Asked).locale) or ""
        services, workspace_id = call.services, await self._workspace(call)
        slug = call.path["slug"]

        async def make() -> File:
            return await _to_file(await _article(services, workspace_id, locale, slug))

        file = await self._shown.get(workspace_id, "article", locale, slug, make=make)
        return file.answer(call.headers, cache=CACHE, headers=OPEN_TO_ALL)

    async def search(self, call: Call) -> Answer:
        """The articles that answer a question, each with the passage that does."""
        asked = call.ask(Sought)
        workspace_id = await self._workspace(call)
        url, locale = call.services.public_url, to_locale(asked.locale) or ""
        items = await call.services.db.read(_hits, workspace_id, url, locale, asked.q)
        file = to_file(msgspec.json.encode(Hits(items)), "answer.json")
        return file.answer(call.headers, cache=CACHE, headers=OPEN_TO_ALL)

    async def helpful(self, call: Call) -> Answer:
        """Count whether an article helped; nobody is asked who they are."""
        said = decode(call.body, Verdict, limit=1024)
        workspace_id, slug = await self._workspace(call), call.path["slug"]

        def count(work: Work) -> None:
            count_helpful(work, workspace_id, slug, helpful=said.helpful)

        await call.services.db.write(count)
        return Answer(status=204, headers=dict(OPEN_TO_ALL))

    async def _workspace(self, call: Call) -> str:
        public_id = public_id_of(call)
        if public_id not in self._workspaces:
            found = await call.services.db.read(widgets.workspace_of, public_id)
            if found is None:
                raise NotFound("There is no such widget.")
            remember(self._workspaces, public_id, found)
        return self._workspaces[public_id]


async def _to_file(answer: msgspec.Struct) -> File:
    return await asyncio.to_thread(to_file, msgspec.json.encode(answer), "answer.json")


def _overview(work: Work, workspace_id: str, public_url: str, locale: str) -> Help:
    home = home_locale(work, workspace_id)
    lines: dict[str, list[Line]] = {}
    for one in listed_articles(work, workspace_id, locale, home):
        line = Line(slug=one.slug, title=one.title, excerpt=one.excerpt)
        lines.setdefault(one.collection_id, []).append(line)
    shelves = [
        Shelf(
            id=row.id,
            name=name_of(row, locale, home),
            icon=row.icon,
            articles=lines[row.id],
        )
        for row in collections(work, workspace_id)
        if row.id in lines
    ]
    handle = workspace(work, workspace_id).handle
    return Help(
        locale=locale or home,
        total=sum(len(shelf.articles) for shelf in shelves),
        url=public_url + help_path(handle),
        collections=shelves,
    )


def _hits(work: Work, workspace_id: str, public_url: str, locale: str, words: str) -> list[Hit]:
    return [
        Hit(
            slug=found.slug,
            title=found.title,
            excerpt=found.excerpt,
            locale=found.locale,
            collection=found.collection,
            url=public_url + found.path,
        )
        for found in search_articles(work, workspace_id, words, locale, FOUND)
    ]


class _Opened(NamedTuple):
    """An article, where it is, and its address."""

    found: Published
    collection: str
    path: str


def _opened(work: Work, workspace_id: str, locale: str, slug: str) -> _Opened:
    home = home_locale(work, workspace_id)
    found = published_article(work, workspace_id, slug, locale, home)
    language = found.text.locale
    shelf = collection(work, workspace_id, found.article.collection_id)
    handle = workspace(work, workspace_id).handle
    path = help_path(handle, found.article.slug, language, home)
    return _Opened(found, name_of(shelf, language, home), path)


async def _article(services: Services, workspace_id: str, locale: str, slug: str) -> Reading:
    opened = await services.db.read(_opened, workspace_id, locale, slug)
    article, text = opened.found.article, opened.found.text
    html, products = await with_places(services.db, workspace_id, text.public_body)
    return Reading(
        slug=article.slug,
        title=text.public_title,
        html=html,
        locale=text.locale,
        locales=list(opened.found.locales),
        collection=opened.collection,
        updated_at=moment(text.published_at or 0),
        minutes=minutes_to_read(text.public_plain),
        products=products,
        url=services.public_url + opened.path,
    )


def routes(own: HelpRoutes) -> list[Route]:
    """The routes of the help centre."""
    base = "/api/v1/widget/{id}/help"
    return [
        Route(
            "GET",
            base,
            own.overview,
            PUBLIC,
            "The published articles, by collection",
            answer=Help,
            query=Asked,
            rate="page",
            tag="Help centre",
        ),
        Route(
            "GET",
            f"{base}/search",
            own.search,
            PUBLIC,
            "Search the published articles",
            answer=Hits,
            query=Sought,
            rate="search",
            tag="Help centre",
        ),
        Route(
            "GET",
            f"{base}/articles/{{slug}}",
            own.article,
            PUBLIC,
            "Read a published article",
            answer=Reading,
            query=Asked,
            rate="page",
            tag="Help centre",
        ),
        Route(
            "POST",
            f"{base}/articles/{{slug}}/helpful",
            own.helpful,
            PUBLIC,
            "Say whether an article helped",
            status=204,
            raw=True,
            limit=1024,
            rate="verdict",
            tag="Help centre",
        ),
    ]
