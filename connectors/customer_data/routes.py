"""The endpoints of the Customer-Data API: decode, hand over, say what became of each item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from connectors.customer_data.mapping import (
    IdentifyBody,
    ProductItem,
    ProductsBody,
    RecordItem,
    RecordName,
    RecordsBody,
    to_customer,
    to_owner,
    to_product,
    to_record,
)
from connectors.customer_data.settings import Settings
from core import idempotency
from core.access import key
from core.customers import OWN_SOURCE, CustomerDraft, save_customer
from core.db import BatchFunction, Work
from core.decode import decode, decode_items
from core.errors import HubError, Invalid, TooLarge
from core.ids import now_ms
from core.products import ProductBatch, save_products
from core.records import RecordBatch, remove_record, save_records
from core.routes import MEBIBYTE, Answer, Call, Route
from core.views import RecordKind

TAG = "Customer-Data API"
EXAMPLES: dict[str, dict[str, Any]] = {
    "identify": {
        "external_id": "42",
        "name": "Rosa Meyer",
        "email": "rosa@example.com",
        "attributes": {"plan": "gold", "newsletter": True, "old_attribute": None},
    },
    "records": {
        "external_id": "42",
        "records": [
            {
                "kind": "order",
                "reference": "1001",
                "title": "Order #1001",
                "amount": "59.90",
                "currency": "EUR",
                "status": "paid",
                "url": "https://shop.example/admin/orders/1001",
                "occurred_at": "2026-11-22T09:30:00Z",
            }
        ],
    },
    "removal": {"kind": "order", "reference": "1001"},
    "products": {
        "products": [
            {
                "external_id": "teapot-1",
                "title": "Cast-iron teapot",
                "price": "39.00",
                "currency": "EUR",
                "url": "https://shop.example/teapot",
                "image_url": "https://shop.example/teapot.jpg",
                "available": True,
            }
        ]
    },
}

ANSWERS: dict[str, dict[str, Any]] = {
    "identify": {"id": "cus_3kTqZ0bXy8LmNw5RvUcA", "external_id": "42", "status": "created"},
    "records": {
        "accepted": 1,
        "rejected": 0,
        "results": [
            {
                "index": 0,
                "status": "created",
                "id": "rec_9wPdK2sVb6QhTf1JxEyG",
                "reference": "1001",
            }
        ],
    },
    "removal": {"kind": "order", "reference": "1001", "status": "removed"},
    "products": {
        "accepted": 1,
        "rejected": 0,
        "results": [
            {
                "index": 0,
                "status": "created",
                "id": "prd_5cRnM7aLu4ZgYo8WkHtD",
                "external_id": "teapot-1",
            }
        ],
    },
}


class Headers(msgspec.Struct):
    """What a request may carry besides its key."""

    idempotency_key: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=idempotency.LENGTH)] | UnsetType,
        msgspec.Meta(
            description="Made by you: a request repeated under the same key within a day is "
            "answered once, and the same way again."
        ),
    ] = msgspec.field(default=UNSET, name="Idempotency-Key")


Item = TypeVar("Item")
Draft = TypeVar("Draft")


class Items(NamedTuple):
    """What a request holds many of, and the field that names one."""

    name: str
    label: str


RECORDS = Items("records", "reference")
PRODUCTS = Items("products", "external_id")

# What is decoded: each item by itself, so that a wrong one does not spoil the others.


class _Records(msgspec.Struct, kw_only=True):
    external_id: str | int | None
    records: list[msgspec.Raw]


class _Products(msgspec.Struct, kw_only=True):
    products: list[msgspec.Raw]


# What is answered.


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    code: str
    message: str
    field: str | None = None
    index: int | None = None


class Result(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What became of one item: created, updated, unchanged, older or rejected."""

    index: int
    status: str
    id: str | None = None
    reference: str | None = None
    external_id: str | None = None
    error: Problem | None = None


class Results(msgspec.Struct, kw_only=True, omit_defaults=True):
    """200: all accepted; 207: some; 422: none, and `error` is the first item's."""

    accepted: int
    rejected: int
    results: list[Result]
    error: Problem | None = None


class Identified(msgspec.Struct, kw_only=True):
    id: str
    external_id: str
    status: str


class Removed(msgspec.Struct, kw_only=True):
    kind: RecordKind
    reference: str
    status: str = "removed"


async def identify(call: Call) -> Answer:
    """Create or enrich a customer."""
    draft = to_customer(decode(call.body, IdentifyBody, limit=MEBIBYTE))
    return await _perform(call, "identify", _identify, call.workspace_id, draft)


def _identify(work: Work, workspace_id: str, draft: CustomerDraft) -> Answer:
    row, created = save_customer(work, workspace_id, OWN_SOURCE, draft)
    status = {True: "created", False: "updated", None: "unchanged"}[created]
    return Answer(Identified(id=row.id, external_id=row.external_id, status=status))


class Ingest:
    """The endpoints that take many items at once."""

    def __init__(self, settings: Settings) -> None:
        self.limit = settings.items

    async def push_records(self, call: Call) -> Answer:
        """Create and update records of one customer."""
        body = decode(call.body, _Records, limit=MEBIBYTE)
        items = list(decode_items(self._counted(body.records, "records"), RecordItem))
        now = now_ms()
        drafts = _translated(items, lambda item: to_record(item, now))
        batch = RecordBatch(
            call.workspace_id, OWN_SOURCE, to_owner(body.external_id), _good(drafts)
        )
        return await _push(call, RECORDS, drafts, save_records, batch)

    async def push_products(self, call: Call) -> Answer:
        """Create and update products."""
        body = decode(call.body, _Products, limit=MEBIBYTE)
        items = list(decode_items(self._counted(body.products, "products"), ProductItem))
        drafts = _translated(items, to_product)
        batch = ProductBatch(call.workspace_id, OWN_SOURCE, _good(drafts))
        return await _push(call, PRODUCTS, drafts, save_products, batch)

    def _counted(self, items: list[msgspec.Raw], field: str) -> list[msgspec.Raw]:
        if not items:
            raise Invalid(f"{field} is empty.", field=field)
        if len(items) > self.limit:
            raise TooLarge(
                f"{field} has {len(items)} entries; send at most {self.limit}.", field=field
            )
        return items


async def delete_record(call: Call) -> Answer:
    """Remove one record by its kind and reference."""
    kind, reference = _named(call)
    return await _perform(call, "remove", _remove, call.workspace_id, kind, reference)


def _remove(work: Work, workspace_id: str, kind: RecordKind, reference: str) -> Answer:
    remove_record(work, workspace_id, OWN_SOURCE, kind, reference)
    return Answer(Removed(kind=kind, reference=reference))


def _named(call: Call) -> tuple[RecordKind, str]:
    """Kind and reference from the query, the body, or both if they agree."""
    asked = {name: call.query[name] for name in ("kind", "reference") if name in call.query}
    bodies = [msgspec.json.encode(asked), *([call.body] if call.body.strip() else [])]
    names = [decode(body, RecordName, limit=MEBIBYTE) for body in bodies]
    references = [str(name.reference).strip() for name in names if name.reference is not None]
    kind: RecordKind | None = _agreed("kind", [name.kind for name in names if name.kind])
    reference = _agreed("reference", references)
    if not kind:
        raise Invalid("kind is missing.", field="kind")
    if not reference:
        raise Invalid("reference is missing.", field="reference")
    return kind, reference


def _agreed(field: str, said: Sequence[Item]) -> Item | None:
    """The value that was said once, or twice alike; None if it was not."""
    if len(set(said)) > 1:
        raise Invalid(f"{field} in the query and in the body differ.", field=field)
    return said[0] if said else None


async def _push(
    call: Call, items: Items, drafts: Sequence[Any], save: BatchFunction, batch: Any
) -> Answer:
    """Save the good drafts and answer for all: many requests in one commit, the hot path."""

    def to_answer(saved: Sequence[Any]) -> Answer:
        return _answer(items, drafts, saved)

    if not _good(drafts):
        return to_answer([])
    request = _repeatable(call, items.name)
    if request is None:
        return to_answer(await call.services.db.batch(save, batch))
    return await call.services.db.write(
        idempotency.once, request, lambda work: to_answer(save(work, [batch])[0])
    )


async def _perform(call: Call, route: str, fn: Callable[..., Answer], *args: Any) -> Answer:
    """`fn` in a transaction; once for all requests that carry the same Idempotency-Key."""
    request = _repeatable(call, route)
    if request is None:
        return await call.services.db.write(fn, *args)
    return await call.services.db.write(idempotency.once, request, lambda work: fn(work, *args))


def _repeatable(call: Call, route: str) -> idempotency.Repeatable | None:
    given = call.headers.get(idempotency.HEADER)
    if given is None:
        return None
    query = msgspec.json.encode(sorted(call.query.items()))
    return idempotency.repeatable(call.workspace_id, route, given, call.body, query)


def _translated(
    items: Iterable[Item | Invalid], translate: Callable[[Item], Draft]
) -> list[Draft | Invalid]:
    drafts: list[Draft | Invalid] = []
    for item in items:
        try:
            drafts.append(item if isinstance(item, Invalid) else translate(item))
        except Invalid as refusal:
            drafts.append(refusal)
    return drafts


def _good(drafts: Iterable[Draft | Invalid]) -> list[Draft]:
    return [draft for draft in drafts if not isinstance(draft, Invalid)]


def _answer(items: Items, drafts: Sequence[Any], saved: Sequence[Any]) -> Answer:
    """A result an item, in the order they came; `saved` are those of the good drafts."""
    outcomes = iter(saved)
    results = []
    for index, draft in enumerate(drafts):
        outcome = draft if isinstance(draft, Invalid) else next(outcomes)
        named = {} if isinstance(draft, Invalid) else {items.label: getattr(draft, items.label)}
        if isinstance(outcome, Invalid):
            results.append(Result(index=index, status="rejected", error=_problem(outcome), **named))
        else:
            results.append(Result(index=index, status=outcome.outcome, id=outcome.id, **named))
    bad = [result for result in results if result.error is not None]
    body = Results(accepted=len(results) - len(bad), rejected=len(bad), results=results)
    if not bad:
        return Answer(body)
    if len(bad) < len(results):
        return Answer(body, 207)
    first = bad[0].error
    assert first is not None
    place = f"{items.name}[0]" + (f".{first.field}" if first.field else "")
    body.error = Problem(code=first.code, message=first.message, field=place, index=0)
    return Answer(body, 422)


def _problem(refusal: HubError) -> Problem:
    return Problem(code=refusal.code, message=refusal.message, field=refusal.field)


def routes(settings: Settings) -> list[Route]:
    """The API's routes."""
    ingest = Ingest(settings)
    return [
        Route(
            "POST",
            "/v1/chat/ingest/identify",
            identify,
            key("identify"),
            summary="Create or update a customer by external_id.",
            body=IdentifyBody,
            example=EXAMPLES["identify"],
            shows=ANSWERS["identify"],
            headers=Headers,
            answer=Identified,
            raw=True,
            rate="ingest",
            tag=TAG,
        ),
        Route(
            "POST",
            "/v1/chat/ingest/records",
            ingest.push_records,
            key("records"),
            summary="Append or update activity: orders, deposits, withdrawals, payments.",
            body=RecordsBody,
            example=EXAMPLES["records"],
            shows=ANSWERS["records"],
            headers=Headers,
            also=(207, 422),
            answer=Results,
            raw=True,
            rate="ingest",
            tag=TAG,
        ),
        Route(
            "DELETE",
            "/v1/chat/ingest/records",
            delete_record,
            key("records"),
            summary="Remove one record by kind and reference.",
            body=RecordName,
            example=EXAMPLES["removal"],
            shows=ANSWERS["removal"],
            headers=Headers,
            query=RecordName,
            answer=Removed,
            raw=True,
            rate="ingest",
            tag=TAG,
        ),
        Route(
            "POST",
            "/v1/chat/ingest/products",
            ingest.push_products,
            key("products"),
            summary="Create or update products for search, answers and cards.",
            body=ProductsBody,
            example=EXAMPLES["products"],
            shows=ANSWERS["products"],
            headers=Headers,
            also=(207, 422),
            answer=Results,
            raw=True,
            rate="ingest",
            tag=TAG,
        ),
    ]
