"""What a mutation says when it will not: user errors."""

from __future__ import annotations

from connectors.shopify.standin.values import Node


def user_error(message: str, field: list[str] | None = None, code: str | None = None) -> Node:
    return {"field": field, "message": message, "code": code, "extraInfo": None}


def not_found(field: str, what: str) -> Node:
    return {"userErrors": [user_error(f"{what} does not exist", [field], "INVALID")]}
