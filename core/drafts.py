"""Drafts: what a source says of a record or a product, checked, and what became of it."""

from __future__ import annotations

from typing import Literal, overload

import msgspec

from core.errors import Invalid

Outcome = Literal["created", "updated", "unchanged", "older"]


class Saved(msgspec.Struct, frozen=True):
    """What became of a draft."""

    id: str
    outcome: Outcome


@overload
def short(text: str, field: str, length: int) -> str: ...
@overload
def short(text: str | None, field: str, length: int) -> str | None: ...
def short(text: str | None, field: str, length: int) -> str | None:
    """The text without the space around it; Invalid if it has more characters than `length`."""
    text = text and text.strip()
    if text and len(text) > length:
        raise Invalid(f"{field} is longer than {length} characters.", field=field)
    return text
