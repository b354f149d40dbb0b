"""Colours: which text is readable on a brand colour, by WCAG's relative luminance."""

from __future__ import annotations

import re
from typing import Final, Literal

HEX = re.compile(r"#[0-9a-fA-F]{6}")
READABLE = 4.5  # the contrast that WCAG asks of text
BLACK: Final = "#000000"
WHITE: Final = "#ffffff"


def luminance(color: str) -> float:
    """The relative luminance of `#rrggbb`, 0 for black to 1 for white."""
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How well two colours can be told apart, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable_on(color: str) -> tuple[str, Literal["#ffffff", "#000000"]]:
    """A fill and the text colour that is readable on it.

    White where it reaches 4.5:1, else black; one of the two always does, so the fill is the
    brand's own colour. White is preferred because saturated brands look wrong under black.
    """
    if contrast(color, WHITE) >= READABLE:
        return color, WHITE
    return color, BLACK
