"""Links: addresses from outside that a browser may open, http and https only."""

from __future__ import annotations

import re

from core.errors import Invalid

LENGTH = 2048
# No name before an `@` (it disguises the host) and no backslash (browsers read it as a slash).
_LINK = re.compile(r"https?://[^\s/?#@\\\x00-\x20\"<>]+(?:[/?#][^\s\\\x00-\x20\"<>]*)?", re.I)


def to_link(text: str, *, field: str) -> str:
    """The address, spaces encoded; empty for empty, Invalid for anything but http and https."""
    link = text.strip().replace(" ", "%20")
    if not link:
        return ""
    if len(link) > LENGTH:
        raise Invalid(f"{field} is longer than {LENGTH} characters.", field=field)
    if not _LINK.fullmatch(link):
        raise Invalid(f"{field} must be an http or https address.", field=field)
    return link
