"""What the Customer-Data API takes, in the words of the core: pure, and forgiving about types.

PHP sends numbers as text, ids as numbers and an empty object as `[]`; all of that is understood.
An amount is exact from the first byte on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.customers import PROFILE, CustomerDraft, is_guest, to_external_id
from core.errors import Invalid
from core.ids import to_ms
from core.money import to_currency, to_minor, within_bounds
from core.products import ProductDraft
from core.records import RecordDraft
from core.views import RecordKind

Id = Annotated[str | int, Meta(description="Your own stable id; text or a whole number.")]
Text = str | int | None
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class IdentifyBody(msgspec.Struct, kw_only=True):
    """A customer: only `external_id` is needed; what is left out stays, `null` removes."""

    external_id: Id | None
    name: Text | UnsetType = UNSET
    email: Text | UnsetType = UNSET
    username: Text | UnsetType = UNSET
    avatar_url: Text | UnsetType = UNSET
    phone: Text | UnsetType = UNSET
    address: Text | UnsetType = UNSET
    attributes: Annotated[
        dict[str, msgspec.Raw] | list[msgspec.Raw] | None,
        Meta(description="Anything worth knowing; merged with what is there, `null` removes one."),
    ] = None


class RecordItem(msgspec.Struct, kw_only=True):
    """One order, deposit, withdrawal, payment or other record."""

    kind: RecordKind
    reference: Id
    title: Annotated[Text, Meta(description="What people read: Order #1001.")] = None
    amount: Annotated[Decimal | None, Meta(description="Major units: 19.99.")] = None
    amount_cents: Annotated[Decimal | None, Meta(description="Whole minor units: 1999.")] = None
    currency: Annotated[str | None, Meta(description="ISO 4217: EUR, JPY, KWD.")] = None
    status: Annotated[Text, Meta(description="In your own words; its meaning is coloured.")] = None
    url: Annotated[str | None, Meta(description="Where agents open it: http or https.")] = None
    occurred_at: Annotated[str | None, Meta(description="ISO 8601; now if never given.")] = None
    updated_at: Annotated[str | None, Meta(description="ISO 8601, by your clock.")] = None


class RecordsBody(msgspec.Struct, kw_only=True):
    """Records of one customer; a guest's id such as `0` keeps them with nobody."""

    external_id: Id | None
    records: Annotated[list[RecordItem], Meta(min_length=1, max_length=1000)]


NULL = msgspec.Raw(b"null")
PRICE = Meta(
    description="Major units: 19.99.",
    extra_json_schema={"type": ["string", "number", "null"], "format": "decimal"},
)


class ProductItem(msgspec.Struct, kw_only=True):
    """One product."""

    external_id: Id
    title: Text = None
    price: Annotated[msgspec.Raw, PRICE] = msgspec.field(default_factory=lambda: NULL)
    currency: str | None = None
    url: str | None = None
    image_url: str | None = None
    description: str | None = None
    available: bool | None = None
    sku: Text = None
    brand: Text = None
    category: Text = None
    tags: list[str] | None = None


class ProductsBody(msgspec.Struct, kw_only=True):
    """Products of your catalog."""

    products: Annotated[list[ProductItem], Meta(min_length=1, max_length=1000)]


class RecordName(msgspec.Struct, kw_only=True):
    """Which record: in the query or in the body."""

    kind: RecordKind | None = None
    reference: Id | None = None


KINDS: tuple[RecordKind, ...] = get_args(RecordKind)


def to_customer(body: IdentifyBody) -> CustomerDraft:
    """The customer, or Invalid naming the field; a guest's id is Invalid."""
    external_id = to_owner(body.external_id)
    if is_guest(external_id):
        raise Invalid(
            "external_id is what shops send for guests: it names no customer.", field="external_id"
        )
    said = {name: getattr(body, name) for name in PROFILE}
    return CustomerDraft(
        external_id=external_id,
        profile={name: _text(value) for name, value in said.items() if value is not UNSET},
        attributes=_attributes(body.attributes),
    )


def _attributes(given: dict[str, Any] | list[Any] | None) -> dict[str, str | None]:
    if isinstance(given, list):
        if given:
            raise Invalid("attributes must be an object, not a list.", field="attributes")
        return {}  # an empty array of PHP
    return {name: _attribute(name, bytes(raw)) for name, raw in (given or {}).items()}


def _attribute(name: str, raw: bytes) -> str | None:
    match raw[:1]:
        case b'"':
            return msgspec.json.decode(raw, type=str)
        case b"n":
            return None
        case b"{" | b"[":
            field = f"attributes.{name[:64]}"
            raise Invalid(f"{field} must be text, a number, true or false.", field=field)
    return raw.decode()  # a number or boolean exactly as it was written


def to_owner(external_id: str | int | None) -> str:
    """Whose records they are; empty, which names nobody, for null."""
    return "" if external_id is None else to_external_id(external_id)


def to_record(item: RecordItem, now: int) -> RecordDraft:
    """The record, or Invalid naming the field."""
    currency = None if item.currency is None else to_currency(item.currency)
    return RecordDraft(
        kind=item.kind,
        reference=str(item.reference),
        title=_text(item.title),
        amount=_amount(item, currency),
        currency=currency,
        status=_text(item.status),
        url=item.url,
        occurred_at=to_time(item.occurred_at, field="occurred_at"),
        updated_at=to_time(item.updated_at, field="updated_at"),
    ).checked(now)


def _amount(item: RecordItem, currency: str | None) -> int | None:
    if item.amount is None and item.amount_cents is None:
        return None
    if currency is None:
        raise Invalid("currency is missing: an amount needs one.", field="currency")
    if item.amount_cents is None:
        assert item.amount is not None
        return to_minor(item.amount, currency)
    cents = _whole(item.amount_cents, "amount_cents")
    if item.amount is not None and to_minor(item.amount, currency) != cents:
        raise Invalid(
            f"amount_cents is {cents}, but amount is {item.amount} {currency}. Send one of them.",
            field="amount_cents",
        )
    return cents


def _whole(number: Decimal, field: str) -> int:
    if not number.is_finite() or number.adjusted() > 20 or number != number.to_integral_value():
        raise Invalid(f"{field} must be a whole number of minor units.", field=field)
    return within_bounds(int(number), field=field)


def to_time(text: str | None, *, field: str) -> int | None:
    """An ISO 8601 time or date as milliseconds; one without a zone is UTC."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            f"{field} must be an ISO 8601 time such as 2026-01-31T12:00:00Z.", field=field
        ) from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    if not EARLIEST <= time < LATEST:
        raise Invalid(f"{field} must lie between 1970 and 2200.", field=field)
    return to_ms(time)


def to_product(item: ProductItem) -> ProductDraft:
    """The product, or Invalid naming the field."""
    currency = None if item.currency is None else to_currency(item.currency)
    price = _price(bytes(item.price))
    if price is not None and currency is None:
        raise Invalid("currency is missing: a price needs one.", field="currency")
    details = {"sku": item.sku, "brand": item.brand, "category": item.category}
    data: dict[str, Any] = {name: str(value) for name, value in details.items() if value}
    if item.tags is not None:
        data["tags"] = item.tags
    return ProductDraft(
        external_id=to_external_id(item.external_id),
        title=_text(item.title),
        description=item.description,
        price=None if price is None else to_minor(price, currency or "", field="price"),
        currency=currency,
        url=item.url,
        image_url=item.image_url,
        available=item.available,
        data=data,
    ).checked()


def _price(raw: bytes) -> Decimal | None:
    if raw in (b"null", b'""'):  # how WordPress shops say: no price
        return None
    try:
        return msgspec.json.decode(raw, type=Decimal)
    except msgspec.MsgspecError:
        raise Invalid("price must be a number such as 19.99.", field="price") from None


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
