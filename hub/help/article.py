"""The page of one article: the text, its products, and what is beside it."""

from __future__ import annotations

from core.article_products import links_to
from core.article_text import to_html
from core.passages import best_passage
from core.views import ProductCard
from hub.help.frame import Head, direction, lines, search, still
from hub.help.icons import icon
from hub.help.markup import NOTHING, Html, fill, said
from hub.help.views import Reading, path_of
from hub.help.words import Words, words

DESCRIPTION = 155  # characters that a search engine shows


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
    text = said(head.words.other_language, language=head.words.languages[view.language])
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
        lines=lines(head, view.shelf.articles),
    )
