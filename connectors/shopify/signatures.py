"""Signatures: whether an address a browser brings was made by Shopify, just now."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote

from core.errors import Unauthenticated

TOLERANCE = 90  # seconds, either way
LONGEST = 8192  # characters of a query
NOT_GENUINE = "This address was not made by Shopify, or is too old."


def signed_query(
    query_string: str, secrets: Iterable[str], now: float | None = None
) -> dict[str, str]:
    """What a signed query says, each name once; Unauthenticated if it is forged or stale."""
    said = plain_query(query_string)
    given = said.pop("hmac", "")
    message = "&".join(f"{quote(name, '')}={quote(said[name], '')}" for name in sorted(said))
    if not is_hex_of(message.encode(), given, secrets) or not is_fresh(said, now):
        raise Unauthenticated(NOT_GENUINE, code="bad_signature")
    return said


def plain_query(query_string: str) -> dict[str, str]:
    """A query's names and values; Unauthenticated if a name comes twice or it makes no sense."""
    try:
        if len(query_string) > LONGEST:
            raise ValueError("too long")
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise Unauthenticated(NOT_GENUINE, code="bad_signature") from error
    said = dict(pairs)
    if len(said) != len(pairs):
        raise Unauthenticated(NOT_GENUINE, code="bad_signature")
    return said


def is_hex_of(message: bytes, given: str, secrets: Iterable[str]) -> bool:
    """Whether `given` is the hexadecimal HMAC-SHA256 of a message by any of the secrets."""
    if not re.fullmatch(r"[0-9a-f]{64}", given):
        return False
    made = [hmac.new(secret.encode(), message, hashlib.sha256).hexdigest() for secret in secrets]
    return any([hmac.compare_digest(one, given) for one in made])  # all of them, in one time


def is_fresh(said: dict[str, str], now: float | None = None) -> bool:
    """Whether a query's `timestamp` is of this minute, give or take."""
    stamp = said.get("timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        return False
    return abs(int(stamp) - (time.time() if now is None else now)) <= TOLERANCE
