"""Style: the pages' style sheet with a shop's own colour, readable on every ground."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from core.colors import BLACK, READABLE, WHITE, contrast, readable_on
from core.errors import NotFound
from core.files import File, to_file

LIGHT = ("#ffffff", "#f5f4f8")  # the grounds of style.css that coloured text is on
DARK = ("#19181f", "#23212b")
STEPS = 20
TINT = 0.1  # of the brand in style.css's --soft and --faint

_NAME = re.compile(r"([0-9a-f]{6})-[0-9a-f]{10}\.css")
_BASE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
_VERSION = hashlib.sha256(_BASE.encode()).hexdigest()[:10]


def style_name(color: str) -> str:
    """The file of a brand colour; its name changes with what is in it."""
    return f"{color.lower().removeprefix('#')}-{_VERSION}.css"


@lru_cache(maxsize=128)
def style_file(name: str) -> File:
    """The style sheet of this name, or NotFound."""
    asked = _NAME.fullmatch(name)
    if asked is None:
        raise NotFound("There is no such style sheet.")
    return to_file((_brand(f"#{asked[1]}") + _BASE).encode(), "help.css")


def _brand(color: str) -> str:
    fill, on = readable_on(color)
    against = BLACK if on == WHITE else WHITE  # what only adds to the contrast
    values = {
        "brand": fill,
        "on-brand": on,
        "against": against,
        "accent-light": accent(color, BLACK, LIGHT),
        "accent-dark": accent(color, WHITE, DARK),
    }
    return ":root{" + "".join(f"--{name}:{value};" for name, value in values.items()) + "}\n"


def accent(color: str, towards: str, grounds: tuple[str, ...]) -> str:
    """The brand's colour as text: mixed towards black or white until it is readable."""
    tinted = [mix(ground, color, TINT) for ground in grounds]
    for step in range(STEPS):
        mixed = mix(color, towards, step / STEPS)
        if all(contrast(mixed, ground) >= READABLE for ground in (*grounds, *tinted)):
            return mixed
    return towards


def mix(one: str, other: str, share: float) -> str:
    """A colour with a share of another in it."""
    channels = (
        round(int(one[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)
