"""Plain: what a shop has written, made fit to be read to a visitor or by a model.

A product's or an article's text is data: short, on one line, and without a link to follow.
"""

from __future__ import annotations

import re
import unicodedata

LENGTH = 300
_TAG = re.compile(r"<[^<>]{0,500}>")
_LINK = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.)\S+", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
# Bidirectional overrides and invisible characters disguise what a text says.
_HIDDEN = frozenset(
    "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062"
    "\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)


def plain(text: str, length: int = LENGTH) -> str:
    """The text on one line without tags, links and hidden characters, cut to `length`."""
    text = text[: 20 * length]  # a hostile text costs no more than a long one
    text = _LINK.sub(" ", _TAG.sub(" ", text))
    shown = (" " if _is_control(one) else one for one in text if one not in _HIDDEN)
    words = _SPACE.sub(" ", "".join(shown)).strip()
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn")
