"""Health: whether a part of the hub can do its work, in one line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """One part's answer; `detail` says what is wrong, or something worth knowing."""

    part: str
    ok: bool
    detail: str = ""
