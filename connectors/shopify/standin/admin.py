"""The page a merchant would have."""

from __future__ import annotations

from typing import Any


def routes(store: Any) -> list[Any]:
    return []
