"""The help centre's public pages: made here, cached anywhere, and framed by nobody."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.access import PUBLIC
from core.db import Work
from core.errors import NotFound
from core.events import Logged
from core.files import IMMUTABLE, File, to_file
from core.locales import to_locale
from core.routes import Answer, Call, Route
from core.shown import CHANGES, Shown
from core.workspaces import workspace_by_handle
from hub.console_pages import PERMISSIONS
from hub.help.article import article_page
from hub.help.markup import Html
from hub.help.start import missing_page, nowhere_page, start_page
from hub.help.style import style_file
from hub.help.views import path_of, reading, start

if TYPE_CHECKING:
    from hub.app import Hub

CACHE = "public, max-age=60, stale-while-revalidate=60"
MISSING = "public, max-age=30"
REMEMBERED = 10_000
WORDS = 200
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' https:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "permissions-policy": PERMISSIONS,
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
}


def routes(hub: Hub) -> list[Route]:
    """The pages, and their style sheets by brand colour."""
    pages = _Pages()
    hub.services.subscribe(pages.hear)
    one = "/help/{workspace}"
    return [
        Route("GET", "/help/static/{file}", style, PUBLIC, hidden=True, rate="page"),
        Route("GET", one, pages.start, PUBLIC, hidden=True, rate="search"),
        Route("GET", f"{one}/", without_slash, PUBLIC, hidden=True, rate="page"),
        Route("GET", f"{one}/{{slug}}", pages.article, PUBLIC, hidden=True, rate="page"),
    ]


async def style(call: Call) -> Answer:
    """The style sheet of a brand colour."""
    return style_file(call.path["file"]).answer(call.headers, cache=IMMUTABLE)


async def without_slash(call: Call) -> Answer:
    """The address of a help centre has no slash at its end."""
    return _moved(f"/help/{quote(call.path['workspace'])}")


def _moved(path: str) -> Answer:
    return Answer(b"", 301, {"location": path, "cache-control": MISSING}, "text/plain")


class _Pages:
    """What was made is kept until something in it changes."""

    def __init__(self) -> None:
        self._shown = Shown()
        self._workspaces: OrderedDict[str, str] = OrderedDict()  # by handle, which never changes

    def hear(self, entries: Sequence[Logged]) -> None:
        """Forget the pages of workspaces that have changed."""
        for entry in entries:
            if isinstance(entry.event, CHANGES):
                self._shown.forget(entry.workspace_id)

    async def start(self, call: Call) -> Answer:
        """Collections, or what a search finds."""
        lang, words = _lang(call), " ".join(call.query.get("q", "").split())[:WORDS]
        try:
            workspace_id = await self._workspace(call)
            if words:
                return _answer(call, await _start(call, lang, words))
            file = await self._shown.get(
                workspace_id, "start", lang, make=lambda: _start(call, lang)
            )
        except NotFound:
            return await _missing(call, lang)
        return _answer(call, file)

    async def article(self, call: Call) -> Answer:
        """One article, by any slug it has had; old ones lead to the new address."""
        lang, slug = _lang(call), call.path["slug"]
        try:
            workspace_id = await self._workspace(call)
            file = await self._shown.get(
                workspace_id, "article", lang, slug, make=lambda: _article(call, lang, slug)
            )
        except NotFound:
            return await _missing(call, lang)
        except _Elsewhere as moved:
            return _moved(moved.path)
        return _answer(call, file)

    async def _workspace(self, call: Call) -> str:
        handle = call.path["workspace"]
        if handle not in self._workspaces:
            self._workspaces[handle] = await call.services.db.read(_id_of, handle)
            if len(self._workspaces) > REMEMBERED:
                self._workspaces.popitem(last=False)
        return self._workspaces[handle]


class _Elsewhere(Exception):
    """The article has another address today."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def _lang(call: Call) -> str:
    return to_locale(call.query.get("lang", "")) or ""


def _id_of(work: Work, handle: str) -> str:
    found = workspace_by_handle(work, handle)
    if found is None:
        raise NotFound("There is no such help centre.")
    return found.id


async def _start(call: Call, lang: str, words: str = "") -> File:
    view = await call.services.db.read(start, call.path["workspace"], lang, words)
    if not view.shelves:
        raise NotFound("Nothing is published here yet.")
    return await asyncio.to_thread(_to_page, start_page(view, call.services.public_url))


async def _article(call: Call, lang: str, slug: str) -> File:
    view = await call.services.db.read(reading, call.path["workspace"], slug, lang)
    if view.slug != slug:
        raise _Elsewhere(path_of(view.shop, view.slug, lang))

    def make() -> File:
        return _to_page(article_page(view, call.services.public_url))

    return await asyncio.to_thread(make)


async def _missing(call: Call, lang: str) -> Answer:
    """A kind word in the shop's own looks, or in ours where there is no such shop."""
    url = call.services.public_url
    try:
        view = await call.services.db.read(start, call.path["workspace"], lang)
    except NotFound:
        page = nowhere_page(lang or "en")
    else:
        page = missing_page(view, url) if view.shelves else start_page(view, url)
    headers = {**HEADERS, "cache-control": MISSING}
    return Answer(page.encode(), 404, headers, "text/html; charset=utf-8")


def _to_page(page: Html) -> File:
    return to_file(page.encode(), "page.html")


def _answer(call: Call, file: File) -> Answer:
    return file.answer(call.headers, cache=CACHE, headers=HEADERS)
