"""App proxy: what the shop's own server says of a visitor, in a request it has signed (O5).

Stricter than the signature: it covers any parameters in any number, and joins what is repeated.
Exactly five are taken, each once, each of one shape. What the page itself wants to say is in the
body, and is not signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from connectors.shopify.settings import SHOP
from connectors.shopify.signatures import is_fresh, is_hex_of

PREFIX, SUBPATH = "apps", "parley"  # as in shopify.app.toml; the extension's block has it, too
PATH = f"/{PREFIX}/{SUBPATH}"
LONGEST = 1024  # characters of query
_SHAPES = {
    "shop": SHOP,
    "logged_in_customer_id": re.compile(r"(?:[1-9][0-9]{0,19})?"),
    "path_prefix": re.compile(r"/[a-z]{1,20}/[a-z0-9_-]{1,60}"),
    "timestamp": re.compile(r"[0-9]{1,11}"),
    "signature": re.compile(r"[0-9a-f]{64}"),
}


@dataclass(frozen=True, slots=True)
class ProxyQuery:
    """A query of the right shape and time; whether it is genuine, `is_signed_by` says."""

    shop: str
    customer_id: str  # "" for a guest
    given: Mapping[str, str]

    def is_signed_by(self, secrets: Iterable[str]) -> bool:
        """Whether the shop's app has signed it with one of these."""
        signed = {name: value for name, value in self.given.items() if name != "signature"}
        message = "".join(sorted(f"{name}={value}" for name, value in signed.items()))
        return is_hex_of(message.encode(), self.given["signature"], secrets)


def read_query(raw: str, now: float, path: str = PATH) -> ProxyQuery | None:
    """The query, or None for any that Shopify would not send us now."""
    given = _once_each(raw)
    if given is None or given["path_prefix"] != path or not is_fresh(given, now):
        return None
    return ProxyQuery(given["shop"], given["logged_in_customer_id"], given)


def _once_each(raw: str) -> dict[str, str] | None:
    if len(raw) > LONGEST or not raw.isascii():
        return None
    try:
        pairs = parse_qsl(
            raw,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=len(_SHAPES),
        )
    except ValueError:
        return None
    given = dict(pairs)
    if len(pairs) != len(_SHAPES) or given.keys() != _SHAPES.keys():
        return None
    fits = all(shape.fullmatch(given[name]) for name, shape in _SHAPES.items())
    return given if fits else None
