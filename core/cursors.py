"""Cursors: where a page of rows, newest first, ended and the next one begins."""

from __future__ import annotations

from core.errors import Invalid

DIGITS = 15  # of a time in milliseconds, and more than any of ours has


def to_cursor(at: int, id_: str) -> str:
    """The `before` of the following page."""
    return f"{at}.{id_}"


def from_cursor(cursor: str, field: str = "before") -> tuple[int, str]:
    """The time and id a page ended with, or Invalid."""
    at, _, id_ = cursor.partition(".")
    if not (at.isascii() and at.isdigit()) or len(at) > DIGITS or not id_:
        raise Invalid("This is not a cursor of ours.", field=field)
    return int(at), id_
