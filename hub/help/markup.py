"""Markup: templates filled with values, where only what is marked as HTML is taken as such."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_PLACE = re.compile(r"\{\{(\w+)\}\}")


class Html(str):
    """Text that is HTML already: made by `fill`, or cleaned by `core.article_text`."""

    __slots__ = ()


NOTHING = Html("")


def fill(template: str, /, **values: object) -> Html:
    """The template with its `{{names}}`; whatever is not `Html` is escaped."""

    def written(found: re.Match[str]) -> str:
        value = values[found[1]]
        return value if isinstance(value, Html) else html.escape(str(value))

    return Html(_PLACE.sub(written, template))


def each(pieces: Iterable[Html]) -> Html:
    """Pieces after one another."""
    return Html("".join(pieces))


def said(text: str, /, **values: object) -> str:
    """Words with `{names}` in them; what is put in stays as it is, with braces and all."""
    return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), text)
