"""Signing: how a request shows the shop's keys: signed on http, in a header or query on https."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from woocommerce.oauth import OAuth

from connectors.woocommerce.settings import REST, Keys


class _Signer(OAuth):  # type: ignore[misc] # the library has no types
    """The published signer, made exact: PHP escapes "/" too, and takes "%" as it is.

    Its nonces are one of a hundred million; ours do not repeat.
    """

    @staticmethod
    def normalize_parameters(params: Mapping[str, Any]) -> dict[str, str]:
        """Names and values escaped twice, as the shop does before it compares."""
        return {_twice(name): _twice(value) for name, value in params.items()}

    @staticmethod
    def generate_nonce() -> str:
        """Something that was never used."""
        return secrets.token_hex(16)


def address(
    keys: Keys, method: str, path: str, params: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Where a request goes, and its headers; good for one try, for a signature is used up."""
    url = f"{keys.url}{REST}{path}"
    given = {name: value for name, value in params.items() if value != ""}
    key, secret = keys.consumer_key.get_secret_value(), keys.consumer_secret.get_secret_value()
    if keys.auth == "oauth":
        return signed(url, method, given, key, secret), {}
    if not url.startswith("https://"):
        raise ValueError("a shop's secret is never sent without encryption")
    if keys.auth == "query":
        given = {**given, "consumer_key": key, "consumer_secret": secret}
        return _with(url, given), {}
    token = base64.b64encode(f"{key}:{secret}".encode()).decode()
    return _with(url, given), {"Authorization": f"Basic {token}"}


def signed(url: str, method: str, params: Mapping[str, str], key: str, secret: str) -> str:
    """The address with a fresh OAuth1 signature over it."""
    oauth = _Signer(_with(url, params), key, secret, version="wc/v3", method=method)
    return str(oauth.get_oauth_url())


def _with(url: str, params: Mapping[str, str]) -> str:
    return f"{url}?{urlencode(params)}" if params else url


def _twice(text: Any) -> str:
    return quote(str(text), safe="~").replace("%", "%25")
