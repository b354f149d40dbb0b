"""Products: what a shop sells, as its source last described it; cards and search for the chat."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from core.db import Work
from core.errors import Invalid, NotFound
from core.events import ProductsChanged
from core.ids import new_id
from core.links import to_link
from core.money import to_money
from core.product_search import find_products, fts_ddl, to_words
from core.views import ProductCard

__all__ = ["fts_ddl"]  # part of the migrations

Outcome = Literal["created", "updated", "unchanged"]

ID_LENGTH = 255
TITLE_LENGTH = 500
TEXT_LENGTH = 20_000
DETAIL_LENGTH = 255
TAGS = 50
FOUND = 20
CHUNK = 5_000  # ids in one SELECT; both databases take some 32,000 values in one statement


class Product(SQLModel, table=True):
    """One product. `digest` is of the draft that was last applied: the same again costs nothing."""

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        Index("products_newest", "workspace_id", "updated_at"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    source: str
    external_id: str
    title: str
    description: str = Field(default="", sa_type=Text)
    price: int | None = Field(default=None, sa_type=BigInteger)  # minor units of `currency`
    currency: str = ""
    url: str = ""
    image_url: str = ""
    available: bool = True
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    title_words: str = Field(default="", sa_type=Text)  # what search compares
    more_words: str = Field(default="", sa_type=Text)
    digest: str = ""
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


class ProductDraft(msgspec.Struct, frozen=True):
    """What a source says of a product; None means nothing was said, so what is known stays."""

    external_id: str
    title: str | None = None  # needed for a new one
    description: str | None = None
    price: int | None = None  # minor units, never without `currency`
    currency: str | None = None
    url: str | None = None
    image_url: str | None = None
    available: bool | None = None
    data: dict[str, Any] = {}  # sku, brand, category, tags: searchable

    def checked(self) -> ProductDraft:
        """The draft with clean text, or Invalid naming the field."""
        external_id = self.external_id.strip()
        if not external_id:
            raise Invalid("external_id must not be empty.", field="external_id")
        title = _short(self.title, "title", TITLE_LENGTH)
        if title == "":
            raise Invalid("title must not be empty.", field="title")
        return msgspec.structs.replace(
            self,
            external_id=_short(external_id, "external_id", ID_LENGTH),
            title=title,
            description=_short(self.description, "description", TEXT_LENGTH),
            url=self.url and to_link(self.url, field="url"),
            image_url=self.image_url and to_link(self.image_url, field="image_url"),
            data=_checked_data(self.data),
        )


class ProductBatch(msgspec.Struct, frozen=True):
    """Products of one source."""

    workspace_id: str
    source: str
    drafts: Sequence[ProductDraft]


class Saved(msgspec.Struct, frozen=True):
    """What became of a draft."""

    id: str
    outcome: Outcome


def _short(text: str | None, field: str, length: int) -> Any:
    text = text and text.strip()
    if text and len(text) > length:
        raise Invalid(f"{field} is longer than {length} characters.", field=field)
    return text


def _checked_data(data: dict[str, Any]) -> dict[str, Any]:
    for name, value in data.items():
        texts = value if isinstance(value, list) else [value]
        if len(texts) > TAGS:
            raise Invalid(f"{name} has more than {TAGS} entries.", field=name)
        for text in texts:
            _short(str(text), name, DETAIL_LENGTH)
    return data


# Saving ----------------------------------------------------------------------------------

_products = Product.__table__  # type: ignore[attr-defined]
_digests = (
    select(_products.c.external_id, _products.c.id, _products.c.digest)
    .where(
        _products.c.workspace_id == bindparam("workspace"),
        _products.c.source == bindparam("source"),
        _products.c.external_id.in_(bindparam("external_ids", expanding=True)),
    )
    .order_by(_products.c.external_id)
    .with_for_update()
)
_by_ids = select(_products).where(
    _products.c.workspace_id == bindparam("workspace"),
    _products.c.id.in_(bindparam("ids", expanding=True)),
)
_insert = insert(_products)
_MOVING = (
    "title",
    "description",
    "price",
    "currency",
    "url",
    "image_url",
    "available",
    "data",
    "title_words",
    "more_words",
    "digest",
    "updated_at",
)
_update = (
    update(_products)
    .where(
        _products.c.workspace_id == bindparam("of_workspace"),
        _products.c.id == bindparam("of_product"),
    )
    .values({name: bindparam(f"to_{name}") for name in _MOVING})
)
_SAID = ("title", "description", "price", "url", "image_url", "available")


def save_products(work: Work, batches: list[ProductBatch]) -> list[list[Saved | Invalid]]:
    """Create and update products, a list of results a batch; for `db.batch`.

    Only a new product without a title is Invalid here. Each batch that changed something is
    announced once.
    """
    return [_save(work, batch) for batch in batches]


def _save(work: Work, batch: ProductBatch) -> list[Saved | Invalid]:
    known = _known_digests(work, batch)
    digests = [_digest(draft) for draft in batch.drafts]
    rows = _load(work, batch, known, digests)
    fresh: dict[str, dict[str, Any]] = {}
    stale: dict[str, dict[str, Any]] = {}
    outcomes: list[Saved | Invalid] = []
    for draft, digest in zip(batch.drafts, digests, strict=True):
        external_id = draft.external_id
        if external_id in known and known[external_id][1] == digest:
            outcomes.append(Saved(known[external_id][0], "unchanged"))
            continue
        row = rows.get(external_id)
        if row is None and draft.title is None:
            outcomes.append(Invalid("title is missing.", field="title"))
            continue
        outcome: Outcome = "updated"
        if row is None:
            row = rows[external_id] = fresh[external_id] = _new(batch, external_id, work.now)
            outcome = "created"
        elif external_id not in fresh:
            stale[external_id] = row
        _describe(row, draft, digest, work.now)
        known[external_id] = row["id"], digest
        outcomes.append(Saved(row["id"], outcome))
    _store(work, batch, fresh, stale)
    return outcomes


def _known_digests(work: Work, batch: ProductBatch) -> dict[str, tuple[str, str]]:
    wanted = sorted({draft.external_id for draft in batch.drafts})
    known: dict[str, tuple[str, str]] = {}
    for some in _chunks(wanted):
        keys = {"workspace": batch.workspace_id, "source": batch.source, "external_ids": some}
        found = work.execute(_digests, keys)
        known |= {row.external_id: (row.id, row.digest) for row in found}
    return known


def _load(
    work: Work, batch: ProductBatch, known: dict[str, tuple[str, str]], digests: list[str]
) -> dict[str, dict[str, Any]]:
    """The rows of known products that may change."""
    ids = {
        known[draft.external_id][0]
        for draft, digest in zip(batch.drafts, digests, strict=True)
        if draft.external_id in known and known[draft.external_id][1] != digest
    }
    rows: dict[str, dict[str, Any]] = {}
    for some in _chunks(sorted(ids)):
        found = work.execute(_by_ids, {"workspace": batch.workspace_id, "ids": some})
        rows |= {row["external_id"]: dict(row) for row in found.mappings()}
    return rows


def _chunks(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def _digest(draft: ProductDraft) -> str:
    return hashlib.blake2b(msgspec.json.encode(draft), digest_size=16).hexdigest()


def _new(batch: ProductBatch, external_id: str, now: int) -> dict[str, Any]:
    return {
        "workspace_id": batch.workspace_id,
        "id": new_id("prd"),
        "source": batch.source,
        "external_id": external_id,
        "title": "",
        "description": "",
        "price": None,
        "currency": "",
        "url": "",
        "image_url": "",
        "available": True,
        "data": {},
        "created_at": now,
    }


def _describe(row: dict[str, Any], draft: ProductDraft, digest: str, now: int) -> None:
    said = {name: getattr(draft, name) for name in _SAID}
    row.update({name: value for name, value in said.items() if value is not None})
    if draft.price is not None:
        row["currency"] = draft.currency
    row["data"] = {**row["data"], **draft.data}
    details = [" ".join(v) if isinstance(v, list) else str(v) for v in row["data"].values()]
    row["title_words"] = to_words(row["title"])
    row["more_words"] = to_words(" ".join([*details, row["description"]]))
    row["digest"], row["updated_at"] = digest, now


def _store(
    work: Work,
    batch: ProductBatch,
    fresh: dict[str, dict[str, Any]],
    stale: dict[str, dict[str, Any]],
) -> None:
    if fresh:
        work.execute(_insert, list(fresh.values()))
    if stale:
        work.execute(_update, [_move(row) for row in stale.values()])
    if changed := [row["id"] for row in (*fresh.values(), *stale.values())]:
        event = ProductsChanged(source=batch.source, ids=tuple(changed))
        work.announce(batch.workspace_id, event)


def _move(row: dict[str, Any]) -> dict[str, Any]:
    move = {f"to_{name}": row[name] for name in _MOVING}
    return move | {"of_workspace": row["workspace_id"], "of_product": row["id"]}


def remove_product(work: Work, workspace_id: str, source: str, external_id: str) -> None:
    """Take a product out of the catalog; NotFound if the source has no such product."""
    keys = {"workspace": workspace_id, "source": source, "external_ids": [external_id]}
    row = work.execute(_digests, keys).first()
    if row is None:
        raise NotFound("There is no product with this external_id.")
    work.execute(
        delete(_products).where(_products.c.workspace_id == workspace_id, _products.c.id == row.id)
    )
    work.announce(workspace_id, ProductsChanged(source=source, ids=(row.id,)))


# Showing ---------------------------------------------------------------------------------


def search_products(work: Work, workspace_id: str, words: str, limit: int = FOUND) -> list[Product]:
    """The products that `words` describe, best first; without words the newest."""
    if not words.strip():
        newest = (
            select(Product)
            .where(_products.c.workspace_id == workspace_id)
            .order_by(_products.c.updated_at.desc(), _products.c.id)
            .limit(limit)
        )
        return list(work.session.scalars(newest))
    return products_by_ids(work, workspace_id, find_products(work, workspace_id, words, limit))


def products_by_ids(work: Work, workspace_id: str, ids: Sequence[str]) -> list[Product]:
    """These products in this order; ids that are not in the workspace's catalog are left out."""
    query = select(Product).where(
        _products.c.workspace_id == workspace_id, _products.c.id.in_(list(ids))
    )
    found = {product.id: product for product in work.session.scalars(query)}
    return [found[product_id] for product_id in ids if product_id in found]


def card(product: Product) -> ProductCard:
    """The product as a conversation shows it."""
    priced = product.price is not None and product.currency
    return ProductCard(
        id=product.id,
        title=product.title,
        price=to_money(product.price or 0, product.currency) if priced else None,
        url=product.url,
        image_url=product.image_url,
        available=product.available,
    )


def cards_for(work: Work, workspace_id: str, ids: Sequence[str]) -> list[ProductCard]:
    """Cards in the order of `ids`; what is not in the workspace's catalog is left out."""
    return [card(product) for product in products_by_ids(work, workspace_id, ids)]
