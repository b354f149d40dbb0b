"""Products: what a shop sells, as its source last described it; cards and search for the chat."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Text,
    UniqueConstraint,
    Update,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from core.bulk import ByKeys, execute_many
from core.db import Work, table_of
from core.drafts import Outcome, Saved, short
from core.errors import Invalid, NotFound
from core.events import ProductsChanged
from core.full_text import PRODUCTS, find, to_words
from core.ids import new_id
from core.links import to_link
from core.money import to_money
from core.views import ProductCard

ID_LENGTH = 255
TITLE_LENGTH = 500
TEXT_LENGTH = 20_000
DETAIL_LENGTH = 255
TAGS = 50
FOUND = 20


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
    vendor_at: int | None = Field(default=None, sa_type=BigInteger)  # the newest `updated_at`


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
    updated_at: int | None = None  # by the source's clock: what it said later stays

    def checked(self) -> ProductDraft:
        """The draft with clean text, or Invalid naming the field."""
        external_id = self.external_id.strip()
        if not external_id:
            raise Invalid("external_id must not be empty.", field="external_id")
        title = short(self.title, "title", TITLE_LENGTH)
        if title == "":
            raise Invalid("title must not be empty.", field="title")
        return msgspec.structs.replace(
            self,
            external_id=short(external_id, "external_id", ID_LENGTH),
            title=title,
            description=short(self.description, "description", TEXT_LENGTH),
            url=self.url and to_link(self.url, field="url"),
            image_url=self.image_url and to_link(self.image_url, field="image_url"),
            data=_checked_data(self.data),
        )


class ProductBatch(msgspec.Struct, frozen=True):
    """Products of one source."""

    workspace_id: str
    source: str
    drafts: Sequence[ProductDraft]


def _checked_data(data: dict[str, Any]) -> dict[str, Any]:
    for name, value in data.items():
        texts = value if isinstance(value, list) else [value]
        if len(texts) > TAGS:
            raise Invalid(f"{name} has more than {TAGS} entries.", field=name)
        for text in texts:
            short(str(text), name, DETAIL_LENGTH)
    return data


# Saving ----------------------------------------------------------------------------------

_products = table_of(Product)
_NAME = (_products.c.workspace_id, _products.c.source, _products.c.external_id)
_digests = ByKeys(
    (_products.c.external_id, _products.c.id, _products.c.digest, _products.c.vendor_at), _NAME
)
_by_ids = ByKeys(_products.c, (_products.c.workspace_id, _products.c.id))
_insert = insert(_products)
_delete = delete(_products).where(
    _products.c.workspace_id == bindparam("p_workspace_id"), _products.c.id == bindparam("p_id")
)
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
    "vendor_at",
    "updated_at",
)


def _updating(*columns: str) -> Update:
    this = (
        _products.c.workspace_id == bindparam("p_workspace_id"),
        _products.c.id == bindparam("p_id"),
    )
    return update(_products).where(*this).values({name: bindparam(f"p_{name}") for name in columns})


_update = _updating(*_MOVING)
_move_clock = _updating("vendor_at")
_SAID = ("title", "description", "price", "url", "image_url", "available")


def save_products(work: Work, batches: list[ProductBatch]) -> list[list[Saved | Invalid]]:
    """Create and update products, a list of results a batch; for `db.batch`.

    Newest wins by `updated_at` where both sides have it, else by arrival. Only a new product
    without a title is Invalid here. Each batch that changed something is announced once.
    """
    return [_Saving(work, batch).run() for batch in batches]


class _Saving:
    """A batch on its way into the table: what was known, and what becomes of it."""

    def __init__(self, work: Work, batch: ProductBatch) -> None:
        self.work = work
        self.batch = batch
        self.digests = [_digest(draft) for draft in batch.drafts]
        self.known: dict[str, _Known] = {}  # by external id
        self.rows: dict[str, dict[str, Any]] = {}
        self.fresh: dict[str, dict[str, Any]] = {}
        self.stale: dict[str, dict[str, Any]] = {}
        self.touched: dict[str, dict[str, Any]] = {}  # only the vendor's clock moved on

    def run(self) -> list[Saved | Invalid]:
        self._load()
        outcomes = [
            self._apply(draft, digest)
            for draft, digest in zip(self.batch.drafts, self.digests, strict=True)
        ]
        self._store()
        return outcomes

    def _load(self) -> None:
        """Everyone's digest, and the rows of those that may change."""
        named = {self._name(draft) for draft in self.batch.drafts}
        for row in _digests.rows(self.work.connection, named, lock=True):
            known = _Known(row["id"], row["digest"], row["vendor_at"])
            self.known[row["external_id"]] = known
        changing = {
            (self.batch.workspace_id, self.known[draft.external_id].id)
            for draft, digest in zip(self.batch.drafts, self.digests, strict=True)
            if draft.external_id in self.known and self.known[draft.external_id].digest != digest
        }
        for row in _by_ids.rows(self.work.connection, changing):
            if isinstance(row["data"], str):  # SQLite's driver; PostgreSQL's has read it already
                row["data"] = msgspec.json.decode(row["data"])
            self.rows[row["external_id"]] = row

    def _name(self, draft: ProductDraft) -> tuple[str, str, str]:
        return self.batch.workspace_id, self.batch.source, draft.external_id

    def _apply(self, draft: ProductDraft, digest: str) -> Saved | Invalid:
        external_id = draft.external_id
        known = self.known.get(external_id)
        if known is not None and known.is_newer(draft):
            return Saved(known.id, "older")
        if known is not None and known.digest == digest:
            self._touch(known, draft)
            return Saved(known.id, "unchanged")
        row = self.rows.get(external_id)
        if row is None and draft.title is None:
            return Invalid("title is missing.", field="title")
        outcome: Outcome = "updated"
        if row is None:
            outcome = "created"
            row = _new(self.batch, external_id, self.work.now)
            self.rows[external_id] = self.fresh[external_id] = row
        elif external_id not in self.fresh:
            self.stale[external_id] = row
        _describe(row, draft, digest, self.work.now)
        self.known[external_id] = _Known(row["id"], digest, row["vendor_at"])
        return Saved(row["id"], outcome)

    def _touch(self, known: _Known, draft: ProductDraft) -> None:
        """What is said has not changed; that it is still true is worth knowing."""
        if draft.updated_at in (None, known.vendor_at):
            return
        name = draft.external_id
        self.known[name] = known._replace(vendor_at=draft.updated_at)
        row = self.stale.get(name) or self.fresh.get(name)
        if row is None:
            this = {"workspace_id": self.batch.workspace_id, "id": known.id}
            row = self.touched.setdefault(name, this)
        row["vendor_at"] = draft.updated_at

    def _store(self) -> None:
        execute_many(self.work.connection, _insert, [_stored(row) for row in self.fresh.values()])
        execute_many(self.work.connection, _update, [_stored(row) for row in self.stale.values()])
        touched = [row for name, row in self.touched.items() if name not in self.stale]
        execute_many(self.work.connection, _move_clock, touched)
        if changed := [row["id"] for row in (*self.fresh.values(), *self.stale.values())]:
            event = ProductsChanged(source=self.batch.source, ids=tuple(changed))
            self.work.announce(self.batch.workspace_id, event)


class _Known(NamedTuple):
    """What is known of a product before its row is read."""

    id: str
    digest: str
    vendor_at: int | None

    def is_newer(self, draft: ProductDraft) -> bool:
        """Whether its source has said something later than this."""
        return (
            self.vendor_at is not None
            and draft.updated_at is not None
            and draft.updated_at < self.vendor_at
        )


def _digest(draft: ProductDraft) -> str:
    if draft.updated_at is not None:
        draft = msgspec.structs.replace(draft, updated_at=None)  # a clock alone is no change
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
        "vendor_at": None,
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
    if draft.updated_at is not None:
        row["vendor_at"] = draft.updated_at


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "data": msgspec.json.encode(row["data"]).decode()}


def remove_product(work: Work, workspace_id: str, source: str, external_id: str) -> None:
    """Take a product out of the catalog; NotFound if the source has no such product."""
    if not remove_products(work, workspace_id, source, [external_id]):
        raise NotFound("There is no product with this external_id.")


def remove_products(
    work: Work, workspace_id: str, source: str, external_ids: Iterable[str]
) -> list[str]:
    """Take these out of the catalog; the external ids of those that were in it."""
    names = {(workspace_id, source, external_id) for external_id in external_ids}
    found = _digests.rows(work.connection, names, lock=True)
    if found:
        rows = [{"workspace_id": workspace_id, "id": row["id"]} for row in found]
        execute_many(work.connection, _delete, rows)
        ids = tuple(row["id"] for row in found)
        work.announce(workspace_id, ProductsChanged(source=source, ids=ids))
    return [row["external_id"] for row in found]


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
    found = [product_id for (product_id,) in find(work, PRODUCTS, workspace_id, words, limit)]
    return products_by_ids(work, workspace_id, found)


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
