"""The first page of the help centre, what a search finds, and what is said where nothing is."""

from __future__ import annotations

import re

from core.articles import Found
from core.full_text import to_phrases, to_words
from core.passages import share, wanted_terms
from core.widgets import COLOR
from hub.help.frame import Head, direction, lines, search, still
from hub.help.icons import icon
from hub.help.markup import NOTHING, Html, each, fill, said
from hub.help.style import style_name
from hub.help.views import Shelf, Start, path_of
from hub.help.words import words

SHOWN = 5  # articles of a collection before “Show all”


def start_page(view: Start, public_url: str) -> Html:
    """Collections and their articles, below a search; or what was found."""
    head = Head(view.shop, view.locale, public_url)
    head.locales, head.query = view.locales, view.words
    head.listed = bool(view.shelves) and not view.words
    if not view.shelves:
        return head.page(NOTHING, _nothing_yet(head))
    if view.words:
        head.title = f"{view.words} · {head.title}"
        return head.page(
            fill('<div class="slim">{{s}}</div>', s=search(head)), _results(head, view)
        )
    hero = fill(
        '<div class="hero"><h1>{{ask}}</h1>{{search}}</div>\n',
        ask=head.words.ask,
        search=search(head),
    )
    return head.page(hero, fill('<div class="wrap lift">{{s}}</div>\n', s=_shelves(head, view)))


def _shelves(head: Head, view: Start) -> Html:
    shelves = each(_shelf(head, shelf) for shelf in view.shelves)
    columns = " pairs" if len(view.shelves) in (2, 4) else ""
    return fill('<div class="shelves{{n}}">{{shelves}}</div>\n', n=columns, shelves=shelves)


def _shelf(head: Head, shelf: Shelf) -> Html:
    first = lines(head, shelf.articles[:SHOWN])
    rest = NOTHING
    if len(shelf.articles) > SHOWN:
        rest = fill(
            '<details class="more"><summary>{{all}}</summary>{{lines}}</details>',
            all=said(head.words.show_all, n=len(shelf.articles)),
            lines=lines(head, shelf.articles[SHOWN:]),
        )
    return fill(
        '<section class="shelf" id="{{id}}"><header><span class="glyph">{{icon}}</span><div>'
        '<h2 dir="auto">{{name}}</h2><p class="count">{{count}}</p></div></header>'
        "{{first}}{{rest}}</section>\n",
        id=shelf.id,
        icon=Html(icon(shelf.icon, 22)),
        name=shelf.name,
        count=head.words.articles.of(len(shelf.articles)),
        first=first,
        rest=rest,
    )


def _nothing_yet(head: Head) -> Html:
    return fill(
        '<div class="wrap gap"><div class="panel none"><span class="glyph">{{icon}}</span>'
        '<h1>{{title}}</h1><p class="s">{{hint}}</p></div></div>\n',
        icon=Html(icon("book", 26)),
        title=head.words.nothing_yet,
        hint=head.words.nothing_yet_hint,
    )


# What was found ---------------------------------------------------------------------------


def _results(head: Head, view: Start) -> Html:
    if not view.found:
        panel = fill(
            '<div class="panel none"><span class="glyph">{{icon}}</span>'
            '<h1>{{title}}</h1><p class="s">{{hint}}</p></div>\n',
            icon=Html(icon("search", 26)),
            title=said(head.words.nothing_found, words=view.words),
            hint=head.words.nothing_found_hint,
        )
        shelves = _shelves(head, view)
        return fill('<div class="wrap gap">{{p}}{{s}}</div>\n', p=panel, s=shelves)
    return fill(
        '<div class="wrap gap"><div class="panel"><h1>{{title}}</h1><p class="s">{{count}}</p>'
        '<ol class="hits">{{hits}}</ol></div>{{still}}</div>\n',
        title=said(head.words.found, words=view.words),
        count=head.words.articles.of(len(view.found)),
        hits=each(_hit(head, one) for one in view.found),
        still=still(head),
    )


def _hit(head: Head, found: Found) -> Html:
    return fill(
        '<li><a href="{{path}}" lang="{{lang}}"><h2 class="t" dir="auto">{{title}}</h2>'
        '<p class="s" dir="auto">{{excerpt}}</p><p class="c" dir="auto">{{collection}}</p>'
        "</a></li>",
        path=path_of(head.shop, found.slug, found.locale),
        lang=found.locale,
        title=marked(found.title, head.query),
        excerpt=marked(found.excerpt, head.query),
        collection=found.collection,
    )


def marked(text: str, query: str) -> Html:
    """A text with the words that were searched for marked."""
    terms = wanted_terms(to_phrases(query))

    def shown(part: str) -> Html:
        is_hit = part[:1].isalnum() and share(to_words(part), terms) > 0
        return fill("<mark>{{part}}</mark>" if is_hit else "{{part}}", part=part)

    return each(shown(part) for part in re.split(r"(\w+)", text))


# Not there --------------------------------------------------------------------------------


def missing_page(view: Start, public_url: str) -> Html:
    """There is no such article: say so, and show what there is."""
    head = Head(view.shop, view.locale, public_url)
    head.listed, head.locales = False, view.locales
    head.title = f"{head.words.missing} · {head.title}"
    panel = fill(
        '<div class="panel none"><span class="glyph">{{icon}}</span><h1>{{title}}</h1>'
        '<p class="s">{{hint}}</p><a class="btn" href="{{start}}">{{go}}</a></div>\n',
        icon=Html(icon("book", 26)),
        title=head.words.missing,
        hint=head.words.missing_hint,
        start=path_of(view.shop, "", view.locale),
        go=head.words.start,
    )
    below = fill('<div class="slim">{{s}}</div>\n', s=search(head))
    main = fill('<div class="wrap gap">{{p}}{{s}}</div>\n', p=panel, s=_shelves(head, view))
    return head.page(below if view.shelves else NOTHING, main)


def nowhere_page(locale: str) -> Html:
    """There is no such help centre: nobody's looks, nobody's name."""
    own = words(locale)
    return fill(
        '<!doctype html>\n<html lang="{{locale}}" dir="{{dir}}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><title>{{title}}</title>'
        '<link rel="stylesheet" href="/help/static/{{style}}"></head><body><main id="content">'
        '<div class="wrap gap"><div class="panel none"><span class="glyph">{{icon}}</span>'
        "<h1>{{title}}</h1></div></div></main></body></html>\n",
        locale=locale,
        dir=direction(locale),
        title=own.missing,
        style=style_name(COLOR),
        icon=Html(icon("search", 26)),
    )
