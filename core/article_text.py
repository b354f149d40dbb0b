"""Article text: Markdown as safe HTML, and as plain text.

Nothing a writer types becomes HTML of its own: the parser takes none, what it makes passes an
allow-list, and cards of products are put in afterwards, from the catalog. Links lead to https and
mailto, pictures come from https.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

PRODUCTS = 20  # cards of one article
NAME_LENGTH = 255
WORDS_A_MINUTE = 200
BRACKETS = 5_000  # the parser looks for the end of each: many without one take it seconds

_PRODUCT = re.compile(r"\{\{\s*product:\s*([^{}\n]{1,255}?)\s*\}\}")
_MARK = re.compile(r'<(div|span) data-product="(\d{1,2})"></\1>')
_TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "strong", "em", "s", "ul", "ol", "li", "blockquote"),
    *("a", "img", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "div", "span"),
}
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title", "target"},
    "img": {"src", "alt", "title", "loading", "decoding"},
    "ol": {"start"},
    "div": {"data-product"},
    "span": {"data-product"},
}
_CLASSES = {tag: {"center", "end"} for tag in ("th", "td")}
_LEVELS = {"h1": "h2", "h5": "h4", "h6": "h4"}  # the page's title is its h1


class Rendered(NamedTuple):
    """HTML with marks where products belong, and the products' names in that order."""

    html: str
    products: tuple[str, ...]


# Parsing ----------------------------------------------------------------------------------


def _to_link(url: str) -> bool:
    """https with a host, or mailto: nothing else may be followed."""
    lower = url.strip().lower()
    return bool(re.match(r"https://[^\s/?#@\\]+(?:[/?#]|$)", lower)) or lower.startswith("mailto:")


def _product_rule(state: StateInline, silent: bool) -> bool:
    found = _PRODUCT.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        state.push("product", "span", 0).content = found[1]
    state.pos = found.end()
    return True


def _parser() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
    parser.validateLink = _to_link  # type: ignore[method-assign]
    parser.inline.ruler.before("emphasis", "product", _product_rule)
    return parser


_markdown = _parser()


def _tokens(body: str) -> list[Token]:
    tokens: list[Token] = []
    for token in _markdown.parse(body):
        token.tag = _LEVELS.get(token.tag, token.tag)
        if (align := str(token.attrs.pop("style", ""))) and not align.endswith("left"):
            token.attrs["class"] = "center" if align.endswith("center") else "end"
        tokens.append(token)
    return tokens


def _lone(token: Token) -> list[Token]:
    """The products of a paragraph that holds nothing else; else nothing."""
    inside = [one for one in token.children or () if one.type != "softbreak" and not _blank(one)]
    return inside if inside and all(one.type == "product" for one in inside) else []


def _blank(token: Token) -> bool:
    return token.type == "text" and not token.content.strip()


# HTML -------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _render(body: str) -> Rendered:
    products: list[str] = []

    def mark(tag: str, name: str) -> str:
        if name not in products and len(products) >= PRODUCTS:
            return ""
        if name not in products:
            products.append(name)
        return f'<{tag} data-product="{products.index(name)}"></{tag}>'

    html = nh3.clean(
        _with_marks(_tokens(body), mark),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept_attribute,
        allowed_classes=_CLASSES,
        url_schemes={"https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"img": {"loading": "lazy", "decoding": "async"}},
    )
    return Rendered(html.strip(), tuple(products))


def _with_marks(tokens: Sequence[Token], mark: Callable[[str, str], str]) -> str:
    """The tokens as HTML, products as marks: of a paragraph of their own, or within a line."""
    shown: list[Token] = []
    for place, token in enumerate(tokens):
        lone = _lone(token) if token.type == "inline" else []
        if lone and tokens[place - 1].type == "paragraph_open":
            shown.pop()
            tokens[place + 1].hidden = True
            tokens[place + 1].tag = ""
            shown.append(_html("".join(mark("div", one.content) for one in lone)))
            continue
        for one in token.children or ():
            if one.type == "product":
                one.type, one.content = "html_inline", mark("span", one.content)
        if token.type != "paragraph_close" or token.tag:
            shown.append(token)
    options: Any = _markdown.options
    return str(_markdown.renderer.render(shown, options, {}))


def _kept_attribute(tag: str, name: str, value: str) -> str | None:
    """An attribute's value; None for a picture's address that is no https."""
    return None if name == "src" and not value.lower().startswith("https://") else value


def _html(content: str) -> Token:
    return Token("html_block", "", 0, content=content)


def product_names(body: str) -> tuple[str, ...]:
    """What a body calls the products it shows: ids, ours or the shop's own."""
    return _render(body).products


def to_html(body: str, cards: Mapping[str, str], links: Mapping[str, str]) -> str:
    """The body as HTML. `cards` and `links` are the HTML of products by the body's names for
    them, as a block and within a line; a product that is not in them is left out."""
    html, products = _render(body)

    def put(found: re.Match[str]) -> str:
        name = products[int(found[2])]
        return (cards if found[1] == "div" else links).get(name, "")

    return _MARK.sub(put, html)


# Plain text -------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def to_plain(body: str) -> str:
    """The body without its marks: a line for each heading, paragraph, item and table's row."""
    lines: list[str] = []
    row: list[str] = []
    for token in _markdown.parse(body):
        if token.type == "inline":
            row.append(_words_of(token))
        elif token.type in ("fence", "code_block"):
            lines += token.content.splitlines()
        if token.type in ("th_open", "td_open", "th_close", "td_close", "inline"):
            continue
        if row:
            lines.append(" · ".join(filter(None, row)))
            row = []
    return "\n".join(line for line in map(_tidy, [*lines, *row]) if line)


def _words_of(token: Token) -> str:
    return "".join(
        one.content if one.type in ("text", "code_inline") else " " if "break" in one.type else ""
        for one in token.children or ()
    )


def _tidy(line: str) -> str:
    return " ".join(line.split())


def minutes_to_read(plain: str) -> int:
    """How long a text takes, in whole minutes, at least one."""
    return max(1, round(len(plain.split()) / WORDS_A_MINUTE))


def escaped(text: str) -> str:
    """Text as HTML cannot misread it, in an attribute, too."""
    return escape(text, quote=True)
