"""Webhooks as Shopify signs them, from bodies of our own in Shopify's shape."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from connectors.shopify.standin import CLIENT_SECRET

FIXTURES = Path(__file__).parents[3] / "connectors/shopify/fixtures"
SHARED = Path(__file__).parents[4] / "shared/data/shopify/webhooks"
ADDRESS = "/shopify/webhooks"
KETTLE = "kettle.myshopify.com"


def payload(topic: str, **changes: Any) -> dict[str, Any]:
    """The body of a webhook of ours, with some of its fields changed."""
    path = FIXTURES / "webhooks" / f"{topic.replace('/', '.')}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {**found, **changes}


def signature(body: bytes, secret: str = CLIENT_SECRET) -> str:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def headers(
    topic: str, body: bytes, shop: str = KETTLE, secret: str = CLIENT_SECRET
) -> dict[str, str]:
    """What Shopify sends beside a body; a new delivery each time."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": str(uuid4()),
        "X-Shopify-Event-Id": str(uuid4()),
        "X-Shopify-Triggered-At": "2026-11-22T09:00:00.123456789Z",
        "X-Shopify-Hmac-Sha256": signature(body, secret),
    }
