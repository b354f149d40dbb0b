"""Pieces: the help centre's pages as HTML, from what views.py has read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from core.article_products import links_to
from core.article_text import to_html
from core.articles import Found
from core.colors import readable_on
from core.full_text import to_phrases, to_words
from core.locales import NAMES, RIGHT_TO_LEFT
from core.passages import best_passage, share, wanted_terms
from core.views import ProductCard
from core.widgets import COLOR
from hub.help.icons import icon
from hub.help.markup import NOTHING, Html, each, fill, said
from hub.help.style import style_name
from hub.help.views import Reading, Shelf, Shop, Start, path_of
from hub.help.words import Words, words

PAGE = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
SHOWN = 5  # articles of a collection before “Show all”
DESCRIPTION = 155  # characters that a search engine shows


class Head:
    """What the frame of every page needs to know of it."""

    def __init__(self, shop: Shop, locale: str, public_url: str) -> None:
        self.shop, self.locale, self.public_url = shop, locale, public_url
        self.words: Words = words(locale)
        self.slug = ""
        self.heading = f"{shop.name} {self.words.help_centre}"
        self.title = self.heading
        self.description = self.words.ask
        self.kind = "website"
        self.canonical = locale
        self.locales: Sequence[str] = ()
        self.query = ""  # the search, which a change of language keeps
        self.listed = True  # search engines may show it

    def page(self, below: Html, main: Html) -> Html:
        """The whole page."""
        shop = self.shop
        return fill(
            PAGE,
            locale=self.locale,
            dir=direction(self.locale),
            title=self.title,
            heading=self.heading,
            description=self.description,
            kind=self.kind,
            robots=NOTHING if self.listed else Html('<meta name="robots" content="noindex">\n'),
            canonical=self.public_url + path_of(shop, self.slug, self.canonical),
            alternates=self._alternates(),
            shop=shop.name,
            color=readable_on(shop.color)[0],
            icon=fill('<link rel="icon" href="{{logo}}">\n', logo=shop.logo)
            if shop.logo
            else NOTHING,
            style=style_name(shop.color),
            skip=self.words.skip,
            start=path_of(shop, "", self.locale),
            logo=_logo(shop),
            help_centre=self.words.help_centre,
            back=_back(shop, self.words),
            languages=self._languages(),
            below=below,
            main=main,
        )

    def _alternates(self) -> Html:
        """The page in its other languages, for search engines."""
        if not self.listed or len(self.locales) < 2:
            return NOTHING
        pages = [(one, path_of(self.shop, self.slug, one)) for one in self.locales]
        pages.append(("x-default", path_of(self.shop, self.slug)))
        return each(
            fill(
                '<link rel="alternate" hreflang="{{locale}}" href="{{address}}">\n',
                locale=locale,
                address=self.public_url + path,
            )
            for locale, path in pages
        )

    def _languages(self) -> Html:
        """A list of languages behind the name of this one."""
        if len({*self.locales, self.locale}) < 2:
            return NOTHING
        items = each(self._language(one) for one in NAMES if one in self.locales)
        return fill(
            '<details class="langs"><summary>{{globe}}<span class="sr">{{language}}: </span>'
            "{{name}}</summary><nav><ul>{{items}}</ul></nav></details>\n",
            globe=Html(icon("globe", 18)),
            language=self.words.language,
            name=NAMES[self.locale],
            items=items,
        )

    def _language(self, locale: str) -> Html:
        current = Html(' aria-current="true"') if locale == self.locale else NOTHING
        return fill(
            '<li><a href="{{path}}" hreflang="{{locale}}" lang="{{locale}}"{{current}}>{{name}}'
            "</a></li>",
            path=with_query(path_of(self.shop, self.slug, locale), self.query),
            locale=locale,
            current=current,
            name=NAMES[locale],
        )


def direction(locale: str) -> str:
    """Which way a language is written."""
    return "rtl" if locale in RIGHT_TO_LEFT else "ltr"


def with_query(path: str, query: str) -> str:
    """An address with a search in it."""
    return f"{path}{'&' if '?' in path else '?'}q={quote(query)}" if query else path


def _logo(shop: Shop) -> Html:
    if shop.logo:
        return fill('<img src="{{logo}}" alt="" width="40" height="40">', logo=shop.logo)
    return fill('<span class="letter" aria-hidden="true">{{first}}</span>', first=shop.name[:1])


def _back(shop: Shop, own: Words) -> Html:
    if not shop.site:
        return NOTHING
    return fill(
        '<a class="link" href="{{site}}">{{back}}{{out}}</a>\n',
        site=shop.site,
        back=own.back,
        out=Html(icon("right", 16, "flip")),
    )


def search(head: Head) -> Html:
    """The search field."""
    lang = fill('<input type="hidden" name="lang" value="{{one}}">', one=head.locale)
    return fill(
        '<form class="search" role="search" action="{{action}}">{{icon}}'
        '<input type="search" name="q" value="{{query}}" placeholder="{{search}}" '
        'aria-label="{{search}}" maxlength="200" autocomplete="off" required>{{lang}}'
        "<button>{{find}}</button></form>\n",
        action=path_of(head.shop),
        icon=Html(icon("search")),
        query=head.query,
        search=head.words.search,
        find=head.words.find,
        lang=lang if head.locale != head.shop.home else NOTHING,
    )


# The first page ---------------------------------------------------------------------------


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
    first = _lines(head, shelf, slice(SHOWN))
    rest = NOTHING
    if len(shelf.articles) > SHOWN:
        rest = fill(
            '<details class="more"><summary>{{all}}</summary>{{lines}}</details>',
            all=said(head.words.show_all, n=len(shelf.articles)),
            lines=_lines(head, shelf, slice(SHOWN, None)),
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


def _lines(head: Head, shelf: Shelf, some: slice) -> Html:
    lines = each(
        fill(
            '<li><a href="{{path}}"><span class="t" lang="{{lang}}" dir="auto">{{title}}</span>'
            "{{right}}</a></li>",
            path=path_of(head.shop, one.slug, head.locale),
            lang=one.locale,
            title=one.title,
            right=Html(icon("right", 18, "flip")),
        )
        for one in shelf.articles[some]
    )
    return fill('<ul class="lines">{{lines}}</ul>', lines=lines)


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


def still(head: Head) -> Html:
    """Where to ask when no article has answered; only where we know the shop's site."""
    if not head.shop.site:
        return NOTHING
    return fill(
        '<aside class="still"><h2>{{still}}</h2><p>{{hint}} <a href="{{site}}">{{back}}</a></p>'
        "</aside>\n",
        still=head.words.still,
        hint=head.words.still_hint,
        site=head.shop.site,
        back=head.words.back,
    )


# An article -------------------------------------------------------------------------------

ARTICLE = """<div class="wrap">
<nav class="crumbs" aria-label="{{here}}"><ol>
<li><a href="{{start}}">{{help_centre}}</a>{{right}}</li>
<li><a href="{{start}}#{{shelf}}" dir="auto">{{collection}}</a></li>
</ol></nav>
<div class="read{{two}}">
<div>
<article class="article" lang="{{language}}" dir="{{dir}}">
<header lang="{{locale}}" dir="{{own_dir}}"><h1 lang="{{language}}" dir="{{dir}}">{{title}}</h1>
<p class="s"><time datetime="{{at}}">{{updated}}</time> · {{minutes}}</p>{{note}}</header>
<div class="text">
{{body}}
</div>
</article>
{{still}}</div>
{{aside}}</div>
</div>
"""


def article_page(view: Reading, public_url: str) -> Html:
    """One article, with the way back and what is beside it."""
    head = Head(view.shop, view.locale, public_url)
    head.slug, head.locales, head.kind = view.slug, view.locales, "article"
    head.canonical = view.language
    head.heading = view.title
    head.title = f"{view.title} · {view.shop.name} {head.words.help_centre}"
    head.description = best_passage(view.plain, (), DESCRIPTION)
    main = fill(
        ARTICLE,
        here=head.words.here,
        start=path_of(view.shop, "", view.locale),
        help_centre=head.words.help_centre,
        right=Html(icon("right", 14, "flip")),
        shelf=view.shelf.id,
        collection=view.shelf.name,
        two=" two" if view.shelf.articles else "",
        locale=view.locale,
        own_dir=direction(view.locale),
        language=view.language,
        dir=direction(view.language),
        title=view.title,
        at=view.updated_at.date().isoformat(),
        updated=said(head.words.updated, day=head.words.written_day(view.updated_at)),
        minutes=head.words.minutes.of(view.minutes),
        note=_note(head, view),
        body=_body(head, view),
        still=still(head),
        aside=_aside(head, view),
    )
    return head.page(fill('<div class="slim">{{s}}</div>\n', s=search(head)), main)


def _note(head: Head, view: Reading) -> Html:
    if view.language == view.locale:
        return NOTHING
    text = said(head.words.other_language, language=NAMES[view.language])
    return fill('<p class="note">{{text}}</p>', text=text)


def _body(head: Head, view: Reading) -> Html:
    own = words(view.language)
    cards = {name: _product(card, own) for name, card in view.products.items()}
    body = to_html(view.body, cards, links_to(view.products))
    wide = '<div class="table" tabindex="0"><table>'
    return Html(body.replace("<table>", wide).replace("</table>", "</table></div>"))


def _product(card: ProductCard, own: Words) -> str:
    picture = fill('<img src="{{url}}" alt="" loading="lazy">', url=card.image_url)
    price = (
        fill('<bdi class="price">{{p}}</bdi>', p=own.written_money(card.price))
        if card.price
        else NOTHING
    )
    sold_out = fill('<span class="out">{{text}}</span>', text=own.sold_out)
    about = fill(
        '{{picture}}<span class="about"><span dir="auto">{{title}}</span>{{price}}{{out}}</span>',
        picture=picture if card.image_url else NOTHING,
        title=card.title,
        price=price,
        out=NOTHING if card.available else sold_out,
    )
    if not card.url:
        return fill('<p class="product">{{about}}</p>', about=about)
    return fill(
        '<a class="product" href="{{url}}" rel="noopener noreferrer">{{about}}{{out}}</a>',
        url=card.url,
        about=about,
        out=Html(icon("right", 18, "flip")),
    )


def _aside(head: Head, view: Reading) -> Html:
    if not view.shelf.articles:
        return NOTHING
    return fill(
        '<aside class="aside"><h2>{{more}}</h2>{{lines}}</aside>\n',
        more=said(head.words.more_in, collection=view.shelf.name),
        lines=_lines(head, view.shelf, slice(None)),
    )


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
