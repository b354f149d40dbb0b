"""Slugs: readable names in addresses, made from titles in any script."""

from __future__ import annotations

from collections.abc import Callable

from core.errors import Invalid
from core.full_text import to_phrases

LENGTH = 80


def to_slug(title: str) -> str:
    """A title as a part of an address: `Dürfen Teller …?` is `durfen-teller`; "" if no word.

    Letters of every script stay, in lower case and without accents: browsers show them as they
    are, and a transliteration would be nobody's spelling.
    """
    words = ["".join(phrase).replace("_", "") for phrase in to_phrases(title[: 4 * LENGTH])]
    slug = "-".join(word for word in words if word)
    if len(slug) <= LENGTH:
        return slug
    return slug[: LENGTH + 1].rpartition("-")[0] or slug[:LENGTH]


def checked_slug(text: str) -> str:
    """A slug somebody has chosen; Invalid if it is none, saying what would be one."""
    slug = to_slug(text)
    if not slug or slug != text:
        such = f", such as “{slug}”" if slug else ""
        raise Invalid(
            f"An address has small letters, digits and hyphens, at most {LENGTH}{such}.",
            field="slug",
        )
    return slug


def free_slug(title: str, otherwise: str, is_taken: Callable[[str], bool]) -> str:
    """The title's slug, with a number behind it where that is taken."""
    slug = to_slug(title) or otherwise
    if not is_taken(slug):
        return slug
    short = slug[: LENGTH - 5].strip("-")
    number = 2
    while is_taken(f"{short}-{number}"):
        number += 1
    return f"{short}-{number}"
