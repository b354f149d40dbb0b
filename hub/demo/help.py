"""The demo's help centre: what the invented shop has written for its customers, and since when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from core import article_drafts as drafts
from core.access import Principal
from core.article_collections import collections, create_collection
from core.db import Work
from core.locales import LOCALES
from hub.demo.data import Shape, read

TEXTS = Path(__file__).parent / "help"


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """An article: its slug, which its files are named after, and how long it is public."""

    slug: str
    ago: timedelta


class Shelf(Shape, frozen=True):
    """A collection and its articles."""

    names: dict[str, str]
    icon: str
    articles: tuple[Entry, ...]


SHELVES = msgspec.convert(read("help.toml")["collections"], tuple[Shelf, ...])


def open_help(work: Work, by: Principal) -> None:
    """Write and publish the articles, once; each when the shop did."""
    if collections(work, by.workspace_id):
        return
    present = work.now
    for shelf in SHELVES:
        collection = create_collection(work, by, shelf.names, shelf.icon).id
        for entry in shelf.articles:
            work.now = present - entry.ago // timedelta(milliseconds=1)
            _publish(work, by, collection, entry.slug)
    work.now = present


def _publish(work: Work, by: Principal, collection: str, slug: str) -> None:
    article = ""
    for locale in LOCALES:
        path = TEXTS / f"{slug}.{locale}.md"
        if not path.exists():
            continue
        title, _, body = path.read_text(encoding="utf-8").partition("\n")
        title = title.removeprefix("# ")
        article = article or drafts.create_article(work, by, title, locale, collection).id
        drafts.save_draft(work, by, article, locale, title, body.strip())
        drafts.publish(work, by, article, locale)
    drafts.place_article(work, by, article, slug)
