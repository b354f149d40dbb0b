"""Shopify's own Admin schema, with the rules its descriptions state and its types do not."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from graphql import (
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    build_client_schema,
)

from connectors.shopify.standin.values import moment_of

VERSION = "2026-10"
FILE = Path(__file__).parents[1] / "schema" / f"admin_{VERSION}.compact.json.gz"

# What the published tables leave out.
MORE_SCOPES: dict[str, tuple[str, list[str]]] = {
    "Mutation.refundCreate": ("`write_orders` access scope.", ["write_orders"]),
    "Mutation.orderUpdate": ("`write_orders` access scope.", ["write_orders"]),
    "Mutation.orderCancel": ("`write_orders` access scope.", ["write_orders"]),
    "Mutation.draftOrderCreate": ("`write_draft_orders` access scope.", ["write_draft_orders"]),
    "Mutation.draftOrderInvoiceSend": (
        "`write_draft_orders` access scope.",
        ["write_draft_orders"],
    ),
}
MORE_GIDS = {"MetafieldsSetInput.ownerId": {"AppInstallation"}}
MORE_FILTERS = {"QueryRoot.orders": {"name"}, "QueryRoot.bulkOperations": {"default"}}


@dataclass(frozen=True)
class AdminSchema:
    """The schema and its side tables, read once."""

    types: GraphQLSchema
    scopes: Mapping[str, tuple[str, list[str]]]  # "Type" or "Type.field" → text, any of these
    filters: Mapping[str, frozenset[str]]  # "Type.connection" → search keys
    idempotent: frozenset[str]  # mutations that want @idempotent
    gids: Mapping[str, frozenset[str]]  # "Type.field(argument)" or "Input.field" → gid types


@cache
def admin_schema() -> AdminSchema:
    """Built once a process: it takes about a second."""
    stored = json.loads(gzip.decompress(FILE.read_bytes()))
    types = build_client_schema(stored["schema"], assume_valid=True)
    for name, parse in SCALARS.items():
        _make_strict(types, name, parse)
    scopes = {name: (text, any_of) for name, (text, any_of) in stored["scopes"].items()}
    filters = {
        name: frozenset(keys) | MORE_FILTERS.get(name, set())
        for name, keys in stored["filters"].items()
    }
    return AdminSchema(
        types=types,
        scopes=MORE_SCOPES | scopes,
        filters=filters,
        idempotent=frozenset(stored["idempotency_required"]),
        gids=dict(_gid_types(stored["schema"]["__schema"]["types"])),
    )


def _gid_types(types: list[dict[str, Any]]) -> list[tuple[str, frozenset[str]]]:
    arguments = [
        (f"{kind['name']}.{one['name']}({argument['name']})", argument.get("gidTypes"))
        for kind in types
        for one in kind.get("fields") or ()
        for argument in one["args"]
    ]
    inputs = [
        (f"{kind['name']}.{one['name']}", one.get("gidTypes"))
        for kind in types
        for one in kind.get("inputFields") or ()
    ]
    return [
        (where, frozenset(names) | MORE_GIDS.get(where, set()))
        for where, names in arguments + inputs
        if names
    ]


def _make_strict(types: GraphQLSchema, name: str, parse: Callable[[str], object]) -> None:
    scalar = types.type_map[name]
    assert isinstance(scalar, GraphQLScalarType)

    def coerce(value: Any) -> Any:
        try:
            parse(str(value))
        except (ValueError, InvalidOperation):
            raise GraphQLError(f"{name} cannot represent value: {json.dumps(value)}") from None
        return value

    scalar.parse_value = coerce  # type: ignore[method-assign]
    scalar.coerce_input_value = coerce


def _date_time(text: str) -> None:
    if len(text) < len("2026-11-22T10:00"):
        raise ValueError(text)
    moment_of(text)


def _decimal(text: str) -> None:
    if not re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", text):
        raise ValueError(text)
    Decimal(text)


def _address(text: str) -> None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https", "pubsub", "kafka") or not parts.netloc:
        raise ValueError(text)


SCALARS: dict[str, Callable[[str], object]] = {
    "DateTime": _date_time,
    "Date": date.fromisoformat,
    "Decimal": _decimal,
    "Money": _decimal,
    "URL": _address,
    "UnsignedInt64": int,
}
