"""Search articles: the passages of the help centre that answer a question."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from msgspec import Meta

from chat.assistant.tools.arguments import Arguments, Words
from chat.assistant.tools.plain import plain
from core.articles import Found, search_articles
from core.tools import Result, Source, Tool, Use
from core.views import ArticleCard, View

EXCERPT = 400  # letters: a short article is told whole


class SearchArticles(Arguments):
    """Words of the question."""

    words: Words
    limit: Annotated[int, Meta(ge=1, le=3)] = 2


class FoundArticle(View):
    """A published article and its best passage."""

    slug: str
    title: str
    locale: str
    excerpt: str
    url: str
    score: float  # how much of the question it answers, up to 1


async def search(use: Use, wanted: SearchArticles) -> Result:
    """The articles that fit best, in the visitor's language where there is one."""
    find = partial(search_articles, length=EXCERPT)
    rows = await use.services.db.read(
        find, use.workspace_id, wanted.words, use.locale, wanted.limit
    )
    if not rows:
        return Result(status="nothing", note="No article fits.")
    found = [_to_found(use, row) for row in rows]
    return Result(
        status="found",
        data=found,
        cards=tuple(
            ArticleCard(slug=one.slug, title=one.title, locale=one.locale, url=one.url)
            for one in found
        ),
        sources=tuple(
            Source(kind="article", id=one.slug, title=one.title, url=one.url) for one in found
        ),
        note="1 article." if len(found) == 1 else f"{len(found)} articles.",
    )


def _to_found(use: Use, row: Found) -> FoundArticle:
    return FoundArticle(
        slug=row.slug,
        title=plain(row.title),
        locale=row.locale,
        excerpt=_passage(row.excerpt),
        url=f"{use.services.public_url}{row.path}",
        score=row.score,
    )


def _passage(text: str) -> str:
    """The passage as plain text; headings, items and rows keep lines of their own."""
    lines = map(plain, text.split("\n"))
    return "\n".join(line for line in lines if line)[:EXCERPT]


tool = Tool(
    name="search_articles",
    title="Answer from articles",
    description=(
        "Search the shop's help articles: delivery, returns, payment, opening hours, how things "
        "work. Answers the best passages; say only what they say, and cite them."
    ),
    arguments=SearchArticles,
    run=search,
    limit="Published articles",
)
