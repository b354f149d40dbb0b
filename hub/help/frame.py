"""The frame of every page of the help centre: its head, the band with the search, lists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from core.article_lists import Listed
from core.colors import readable_on
from core.locales import NAMES, RIGHT_TO_LEFT
from hub.help.icons import icon
from hub.help.markup import NOTHING, Html, each, fill
from hub.help.style import style_name
from hub.help.views import Shop, path_of
from hub.help.words import Words, words

PAGE = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")


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


def lines(head: Head, articles: Sequence[Listed]) -> Html:
    """Titles of articles, each a link."""
    items = each(
        fill(
            '<li><a href="{{path}}"><span class="t"><bdi lang="{{lang}}">{{title}}</bdi></span>'
            "{{right}}</a></li>",
            path=path_of(head.shop, one.slug, head.locale),
            lang=one.locale,
            title=one.title,
            right=Html(icon("right", 18, "flip")),
        )
        for one in articles
    )
    return fill('<ul class="lines">{{items}}</ul>', items=items)


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
