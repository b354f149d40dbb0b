"""Plain text of what WordPress keeps as HTML, or as a mixture of both."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

LONGEST = 200_000  # characters of HTML that are looked at


def words_of(text: str) -> tuple[str, ...]:
    """The words of a list that reads better as a text."""
    return tuple(text.split())


_HIDDEN = frozenset(words_of("script style template noscript iframe svg"))
_APART = frozenset(
    words_of(
        "address article blockquote br dd div dl dt figure h1 h2 h3 h4 h5 h6 hr li ol p pre section"
        " table td th tr ul"
    )
)


class _Reader(HTMLParser):
    """Gathers what a browser would show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._hidden = ""  # the element whose content nobody sees

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _HIDDEN and not self._hidden:
            self._hidden = tag
        self.said.append(" " if tag in _APART else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""
        self.said.append(" " if tag in _APART else "")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)


def to_plain(value: Any, length: int) -> str:
    """At most `length` characters of text on one line; empty for what is no text."""
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value)[:LONGEST].replace("\0", "").encode("utf-8", "replace").decode()
    if "<" in text or "&" in text:
        reader = _Reader()
        reader.feed(text)
        reader.close()
        text = "".join(reader.said)
    return " ".join(text.split())[:length].strip()
