"""Links said: addresses in a text, and letters that nothing here can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from chat.assistant.reading import Claim, Reading

TOKEN = re.compile(r"[^\W_][\w-]*[^\W_]|[^\W_]")
_OTHER = re.compile(r"[^\W\d_\u0000-\u024f\u0600-\u06ff\u0750-\u077f]")  # neither Latin nor Arabic


def foreign(reading: Reading) -> Iterator[Claim]:
    """Words in letters that nothing here can read, of which one may be hidden in a word."""
    others = [match[0] for match in TOKEN.finditer(reading.text) if _OTHER.search(match[0])]
    mixed = [word for word in others if not _OTHER.fullmatch(word[:1]) or re.search("[a-z]", word)]
    if mixed:
        yield Claim("language", mixed[0], frozenset(mixed))
    elif sum(map(len, others)) > 2:
        yield Claim("language", reading.shown.strip(), frozenset(others))


_LINK = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:)?//[^\s<>\"'`]+|\b(?:javascript|data|vbscript|"
    r"mailto|tel):[^\s<>\"'`]+"
)
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,100}\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(r"(?<![\w@.])(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?(?:/[^\s<>\"'`]*)?(?![\w])")
_NO_DOMAIN = re.compile(
    r"(?:[a-z]\.)+[a-z]{1,3}|p\.ex|i\.e|e\.g|z\.b|u\.a|d\.h|etc\..*|[\w-]+\.(?:pdf|jpg|jpeg|png|"
    r"csv|txt|js)"
)
TAIL = ".,;:!?)]}»”’'*_…"


def to_link(text: str) -> str:
    """An address in one spelling: without its scheme, `www.`, and what ends a sentence."""
    text = text.strip().rstrip(TAIL)
    if text.startswith("//"):
        text = "https:" + text
    if "://" not in text:
        text = "https://" + text
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower() + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return text.lower()
    odd = "" if parts.scheme.lower() in ("http", "https") and "@" not in parts.netloc else "odd:"
    query = f"?{parts.query}" if parts.query else ""
    anchor = f"#{parts.fragment}" if parts.fragment else ""
    return f"{odd}{host.removeprefix('www.')}{parts.path.rstrip('/')}{query}{anchor}"


_DOTTED = re.compile(
    r"(?<![\w-])[\w-]{2,60}\s?(?:\[\s?(?:\.|dot)\s?\]|\(\s?(?:\.|dot)\s?\)|"
    r"\sdot\s)\s?[a-z]{2,24}(?!\w)"
)


def links(reading: Reading) -> Iterator[Claim]:
    """Web and e-mail addresses, also those that are written to be overlooked."""
    for _, shown in reading.take(_DOTTED):
        yield Claim("link", shown, frozenset({f"odd:{shown}"}))
    for _, shown in reading.take(_LINK):
        yield Claim("link", shown.rstrip(".,;:!?"), frozenset({to_link(shown)}))
    for match, shown in reading.take(_EMAIL):
        address = re.sub(r"\s|\(at\)|\[at\]", lambda m: "@" if "at" in m[0] else "", match[0])
        yield Claim("address", shown, frozenset({address.rstrip(".-")}))
    for match in list(_DOMAIN.finditer(reading.text)):
        shown = reading.shown[match.start() : match.end()]
        last = shown.split("/")[0].rsplit(".", 1)[-1]
        if _NO_DOMAIN.fullmatch(match[0]) or last[:1].isupper():  # "e.g.", "your order.Thanks"
            continue
        yield Claim("link", shown, frozenset({to_link(shown)}))
        reading.remove(match.start(), match.end())
