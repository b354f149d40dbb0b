"""Ids and moments: random names for rows, and times as whole milliseconds."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_EVEN = 256 - 256 % len(ALPHABET)
_CHARACTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_UNEVEN = bytes(range(_EVEN, 256))


def random_text(length: int) -> str:
    """Letters and digits, about six bits each, from the system's generator.

    One call for all of them: `secrets.choice` asks the system for every character, which was a
    sixth of a small request. Bytes that would favour some characters are dropped.
    """
    text = ""
    while len(text) < length:
        text += os.urandom(2 * length).translate(_CHARACTERS, _UNEVEN).decode()
    return text[:length]


def new_id(prefix: str) -> str:
    """A random id such as `cnv_3kTq…` (119 bits): unguessable, and never sufficient alone."""
    return f"{prefix}_{random_text(20)}"


def now_ms() -> int:
    """The current time in milliseconds since 1970, as every table stores it."""
    return time.time_ns() // 1_000_000


def moment(ms: int) -> datetime:
    """Stored milliseconds as the aware UTC datetime that goes onto the wire."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_ms(value: datetime) -> int:
    """An aware datetime as stored milliseconds."""
    return round(value.timestamp() * 1000)
