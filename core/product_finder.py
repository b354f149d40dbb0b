"""Product finder: products that have some words, quickly, however large the catalog is.

A ranked search reads every row that has a word. This one reads the newest that have all of them,
so many at most, and leaves the choice among those to its caller.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import text

from core.db import Work
from core.full_text import PRODUCTS, Term, is_shared, to_fts5, to_tsquery


class Candidate(NamedTuple):
    """What is needed to choose a product, without loading all of it."""

    id: str
    title_words: str
    price: int | None
    currency: str
    available: bool
    details: str  # brand, category, tags and the like, as JSON


class Bounds(NamedTuple):
    """What it may cost, in minor units of the one currency; "" for any price in any."""

    currency: str = ""
    least: int = 0
    most: int = 2**53


ANY = Bounds()


def candidates(
    work: Work,
    workspace_id: str,
    terms: Sequence[Term],
    limit: int,
    *,
    in_title: bool = False,
    bounds: Bounds = ANY,
) -> list[Candidate]:
    """Products that have every term, the newest first; `limit` of them are looked at."""
    values = {"workspace": workspace_id, "count": limit, **bounds._asdict()}
    if work.connection.dialect.name == "postgresql":
        query = to_tsquery(terms, True, "A" if in_title else "")
        statement = _ON_POSTGRESQL[bool(bounds.currency)]
    else:
        query = to_fts5(terms, True, "title" if in_title else "title more")
        if is_shared(work, PRODUCTS, workspace_id):
            query = f'workspace : "{workspace_id}" AND ({query})'
        statement = _ON_SQLITE[bool(bounds.currency)]
    rows = work.execute(statement, {**values, "query": query})
    return [_to_candidate(row) for row in rows]


def _to_candidate(row: Sequence[Any]) -> Candidate:
    details = row[5] if isinstance(row[5], str) else json.dumps(row[5], ensure_ascii=False)
    return Candidate(row[0], row[1], row[2], row[3], bool(row[4]), details)


def newest(work: Work, workspace_id: str, limit: int, bounds: Bounds = ANY) -> list[Candidate]:
    """The newest products, whatever they are; `limit` of them are looked at."""
    values = {"workspace": workspace_id, "count": limit}
    rows = [_to_candidate(row) for row in work.execute(_NEWEST, values)]
    return [row for row in rows if not bounds.currency or row.currency == bounds.currency]


def recent_titles(work: Work, workspace_id: str, limit: int) -> list[str]:
    """The prepared words of the newest products' titles."""
    rows = work.execute(_TITLES, {"workspace": workspace_id, "count": limit})
    return list(rows.scalars())


_WITHIN = "AND p.currency = :currency AND p.price BETWEEN :least AND :most"
_FIELDS = "p.id, p.title_words, p.price, p.currency, p.available, p.data"


def _on_sqlite(within: str) -> str:
    return f"""
    SELECT {_FIELDS}
    FROM (SELECT rowid FROM product_search WHERE product_search MATCH :query
          ORDER BY rowid DESC LIMIT :count) AS newest
    JOIN product_numbers AS n ON n.number = newest.rowid
    JOIN products AS p ON p.workspace_id = n.workspace_id AND p.id = n.product_id
    WHERE n.workspace_id = :workspace {within}
    """  # noqa: S608 (`within` is one of two constants, here and below)


def _on_postgresql(within: str) -> str:
    return f"""
    SELECT {_FIELDS} FROM products AS p, to_tsquery('simple', :query) AS query
    WHERE p.workspace_id = :workspace AND p.search @@ query {within} LIMIT :count
    """  # noqa: S608


_ON_SQLITE = {False: text(_on_sqlite("")), True: text(_on_sqlite(_WITHIN))}
_ON_POSTGRESQL = {False: text(_on_postgresql("")), True: text(_on_postgresql(_WITHIN))}
_NEWEST = text(
    f"""
    SELECT {_FIELDS} FROM products AS p WHERE p.workspace_id = :workspace
    ORDER BY p.updated_at DESC, p.id LIMIT :count
    """  # noqa: S608
)
_TITLES = text(
    """
    SELECT title_words FROM products WHERE workspace_id = :workspace
    ORDER BY updated_at DESC LIMIT :count
    """
)
