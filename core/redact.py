"""Redaction: texts that may hold a secret, made fit for a log or for a row that people read."""

from __future__ import annotations

import re

HIDDEN = "•••"
# The net below everyone's care: what looks like a secret leaves no trace, wherever it came from.
SECRETS = tuple(
    re.compile(pattern, re.IGNORECASE if pattern.startswith("(?#any case)") else 0)
    for pattern in (
        r"(?P<keep>\b(?:wgk|vst)_)[0-9A-Za-z]{8,}",
        r"(?P<keep>\b[a-z]{2,6}_)[0-9A-Za-z]{28,}",  # vendors' keys; our ids are shorter
        # Session tokens, tickets, secrets, hashes: long, and no word of any language.
        r"\b(?=[0-9A-Za-z]*\d)(?=[0-9A-Za-z]*[A-Za-z])[0-9A-Za-z]{32,}\b",
        r"\beyJ[\w-]+\.[\w-]+\.[\w-]*",  # signed tokens
        r"(?#any case)(?P<keep>\b(?:bearer|basic) )[\w.~+/=-]{6,}",
        # name=…, name: "…", 'name': '…' in addresses, headers and reprs
        r"(?#any case)(?P<keep>(?:authorization|cookie|password|passwd|secret|token|ticket|"
        r"api_?key|consumer_key|hmac|signature|user_hash)(?:\\*[\"'])?(?:=|: ?)(?:\\*[\"'])?)"
        r"(?!Bearer|Basic)[^\s&\"',;}\\]+",
        r"(?P<keep>://[^\s:/@]*:)[^\s/@]+(?=@)",  # the password in a database's address
        r"(?P<keep>\bDETAIL: ).*",  # PostgreSQL repeats the values of a row
    )
)


def without_secrets(line: str) -> str:
    """The line with everything that looks like a secret hidden."""
    for pattern in SECRETS:
        line = pattern.sub(lambda found: (found.groupdict().get("keep") or "") + HIDDEN, line)
    return line
