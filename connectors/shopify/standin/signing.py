"""Shopify's four signatures, made as Shopify makes them.

The connector verifies with code of its own; that both agree with Shopify's is shown by
`fixtures/signature_vectors.json`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import jwt

Values = Mapping[str, str | Sequence[str]]


def query_hmac(query: Mapping[str, str], secret: str) -> str:
    """The `hmac` of an OAuth callback or of an embedded app's address."""
    message = "&".join(
        f"{quote(key, safe='')}={quote(value, safe='')}"
        for key, value in sorted(query.items())
        if key != "hmac"
    )
    return _hex(message, secret)


def proxy_signature(query: Values, secret: str) -> str:
    """The `signature` of an app proxy request, over decoded values; several are comma-joined."""
    message = "".join(
        sorted(
            f"{key}={value if isinstance(value, str) else ','.join(value)}"
            for key, value in query.items()
            if key != "signature"
        )
    )
    return _hex(message, secret)


def webhook_hmac(body: bytes, secret: str) -> str:
    """The `X-Shopify-Hmac-Sha256` of a delivery: over the raw bytes."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def id_token(shop: str, client_id: str, secret: str, *, now: float, **claims: Any) -> str:
    """The session token App Bridge would give the app's page; `claims` replace its own."""
    start = int(now)
    payload = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": client_id,
        "sub": "42",
        "exp": start + 60,
        "nbf": start,
        "iat": start,
        "jti": secrets.token_hex(16),
        "sid": secrets.token_hex(32),
        "sig": secrets.token_hex(16),
    }
    return jwt.encode(payload | claims, secret, algorithm="HS256")


def is_id_token(token: str, shop: str, client_id: str, secret: str, *, now: float) -> bool:
    """Whether a token exchange may trust it."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=client_id,
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError:
        return False
    leeway = 10
    in_time = claims.get("nbf", 0) - leeway <= now <= claims.get("exp", 0) + leeway
    return in_time and claims.get("dest") == f"https://{shop}"


def _hex(message: str, secret: str) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
