"""Plain: a model's Markdown and HTML as text, sentence by sentence while it is written."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

LONGEST = 600  # letters of a sentence; what has no end by then is cut there

# Bounded, so that a hostile text costs no more than a long one.
_IMAGE = re.compile(r"!\[[^\]]{0,300}\](?:\([^)]{0,500}\)?|\[[^\]]{0,300}\]?)")
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\([^()]{0,500}\)")
_REFERENCE = re.compile(r"(?m)^\s*\[[^\]]+\]:\s*\S+.*$")
_AUTOLINK = re.compile(r"<((?:https?|mailto|tel|javascript|data):[^>\s]*)>", re.IGNORECASE)
_HIDDEN = re.compile(
    r"<(script|style|iframe|svg|math|template|noscript)\b.*?(?:</\1\s*>|$)", re.I | re.S
)
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.S)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]{0,1000}(?:>|$)")
_FENCE = re.compile(r"(?m)^\s*(?:```|~~~).*$")
_HEADING = re.compile(r"(?m)^\s{0,3}#{1,6}\s+")
_STRONG = re.compile(r"(\*\*|__|~~|`{1,3})(?=\S)(.{1,300}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])[*_](?=\S)([^*_\n]{1,300}?)(?<=\S)[*_](?![\w*])")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

_END = re.compile(r"(?:(?<![\[(.!?؟。！？…])[.!?؟。！？…]++[\"'”»)\]*_]*+(?=\s)|\n)")
# A full stop after these, or after a lone number, ends nothing.
_SHORT = re.compile(
    r"(?:^|[\s(])(?:\d{1,3}|[a-zA-ZÀ-ÿ]|e\.g|i\.e|z\.\s?b|d\.\s?h|u\.\s?a|p\.\s?ex|ca|approx|no|"
    r"nr|núm|num|bzw|"
    r"inkl|incl|zzgl|max|min|mr|mrs|ms|dr|sr|sra|vs|st|str|jan|feb|mar|apr|jun|jul|aug|sept?|oct|"
    r"okt|nov|"
    r"de[cz]|janv|févr|avr|juil|déc|std|etc)\.$",
    re.IGNORECASE,
)


def to_text(text: str) -> str:
    """What a person reads: no HTML, no images, a link's words without where it leads."""
    text = _CONTROLS.sub("", text)
    for _ in range(3):  # entities may hide tags, tags may hide tags
        before = text
        text = html.unescape(text)
        text = _REFERENCE.sub("", _IMAGE.sub("", text))
        text = _AUTOLINK.sub(r"\1", text)
        text = _HIDDEN.sub("", _COMMENT.sub("", text))
        text = _TAG.sub("", _LINK.sub(r"\1", text))
        if text == before:
            break
    else:
        text = text.replace("<", "").replace(">", "")
    text = _HEADING.sub("", _FENCE.sub("", text))
    text = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", text))
    return re.sub(r"\n{3,}", "\n\n", _CONTROLS.sub("", text))


def sentences(text: str) -> list[str]:
    """The text cut at the ends of its sentences; joined again they are the text."""
    found, rest = _cut(text)
    return [*found, rest] if rest else found


class Sentences:
    """Cuts a text that comes in pieces: a sentence is given as soon as it is whole."""

    def __init__(self) -> None:
        self._rest = ""

    def take(self, piece: str) -> Iterator[str]:
        """The sentences that the piece completes."""
        self._rest += piece
        if _is_open(self._rest) and len(self._rest) < LONGEST:
            return  # an image, a link or a tag is not whole yet
        found, self._rest = _cut(self._rest)
        yield from found

    def rest(self) -> str:
        """What has no end."""
        rest, self._rest = self._rest, ""
        return rest


def _cut(text: str) -> tuple[list[str], str]:
    found, start = [], 0
    for end in _END.finditer(text):
        if "\n" not in end[0] and _SHORT.search(text, max(start, end.end() - 20), end.end()):
            continue
        found += _pieces(text[start : end.end()])
        start = end.end()
    *whole, rest = _pieces(text[start:]) or [""]
    return found + whole, rest


def _pieces(text: str) -> list[str]:
    """What is too long for a sentence, in pieces."""
    return [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)]


def _is_open(text: str) -> bool:
    """Whether the text ends within a tag, a link or an image."""
    tag = text.rfind("<")
    if tag >= 0 and ">" not in text[tag:] and re.match(r"<[a-zA-Z/!?]|<$", text[tag:]):
        return True
    hidden = re.findall(r"<(/?)(?:script|style|iframe|svg|math|template|noscript)\b", text, re.I)
    if hidden and not hidden[-1]:
        return True
    return bool(re.search(r"\[[^\]\n]*$|\]\([^)]*$|\]$", text))
