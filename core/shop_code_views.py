"""Shop code views: a code of a shop's own staff as agents see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from core.discount_policy import to_percent
from core.ids import moment
from core.money import to_money
from core.views import Money, View

Kind = Literal["percent", "cart", "product", "shipping", "other"]
State = Literal["active", "scheduled", "expired", "used_up", "off"]


class ShopCodeView(View):
    """A shop's own code as agents see it."""

    id: str
    code: str
    title: str
    store: str
    kind: Kind
    percent: str  # an exact decimal, such as "12.5"; "" if it takes off an amount
    amount: Money | None
    minimum: Money | None
    free_shipping: bool
    starts_at: datetime | None
    expires_at: datetime | None
    usage_limit: int | None  # null: as often as anyone likes
    used: int
    personal: bool
    restricted: bool
    state: State


def to_view(row: Any, store: str, now: int) -> ShopCodeView:
    """The row as agents see it at this moment."""
    return ShopCodeView(
        id=row["id"],
        code=row["code"],
        title=row["title"],
        store=store,
        kind=msgspec.convert(row["kind"], Kind),
        percent="" if row["percent"] is None else to_percent(row["percent"]),
        amount=_money(row["amount"], row["currency"]),
        minimum=_money(row["minimum"], row["currency"]),
        free_shipping=row["free_shipping"],
        starts_at=None if row["starts_at"] is None else moment(row["starts_at"]),
        expires_at=None if row["expires_at"] is None else moment(row["expires_at"]),
        usage_limit=row["usage_limit"],
        used=row["used"],
        personal=row["personal"],
        restricted=row["restricted"],
        state=state_of(row, now),
    )


def state_of(row: Any, now: int) -> State:
    """Whether a customer could use the code at this moment, and why not."""
    if not row["active"]:
        return "off"
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return "expired"
    if row["usage_limit"] is not None and row["used"] >= row["usage_limit"]:
        return "used_up"
    return "scheduled" if (row["starts_at"] or 0) > now else "active"


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None or not currency else to_money(minor, currency)
