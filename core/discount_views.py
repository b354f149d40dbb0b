"""Discount views: a row of the ledger as agents, visitors and spreadsheets see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.discount_policy import to_percent
from core.ids import moment
from core.money import to_money, to_text
from core.views import (
    Author,
    AuthorKind,
    Decision,
    DiscountCard,
    DiscountState,
    DiscountView,
    Money,
)

if TYPE_CHECKING:
    from core.discount_ledger import Discount

CSV_HEADER = [
    "code", "state", "discount", "smallest order", "currency", "customer", "store", "issued by",
    "reason", "decided by", "asked at", "issued at", "valid until", "used at", "order",
]  # fmt: skip


def title(row: Discount) -> str:
    """What the code takes off, such as `20% off`."""
    if row.amount is not None:
        return f"{to_text(row.amount, row.currency)} {row.currency} off"
    return f"{to_percent(row.percent)}% off"


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None or not currency else to_money(minor, currency)


def to_view(row: Discount) -> DiscountView:
    """The row as agents see it."""
    known = row.reference != "" or row.state in ("issued", "redeemed", "expired", "revoked")
    return DiscountView(
        id=row.id,
        state=msgspec.convert(row.state, DiscountState),
        title=title(row),
        code=row.code if known else "",
        url=row.url,
        percent="" if row.amount is not None else to_percent(row.percent),
        amount=_money(row.amount, row.currency),
        minimum=_money(row.minimum, row.currency),
        value=_money(row.value, row.value_currency),
        expires_at=None if row.expires_at is None else moment(row.expires_at),
        customer=row.customer_id,
        customer_name=row.customer_name,
        conversation=row.conversation_id or "",
        connection=row.connection_id,
        store=row.store,
        by=Author(
            kind=msgspec.convert(row.by_kind, AuthorKind),
            id=row.by_id,
            name=row.by_name,
            avatar_url=row.by_avatar,
        ),
        reason=row.reason,
        verdict=row.verdict,
        approval=None
        if row.decided_at is None
        else Decision(by=row.decided_by, at=moment(row.decided_at), reason=row.decision),
        order=row.order_reference,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )


def to_card(row: Discount) -> DiscountCard:
    """The row as a conversation shows it."""
    return DiscountCard(
        id=row.id,
        code=row.code,
        title=title(row),
        percent="" if row.amount is not None else to_percent(row.percent),
        amount=_money(row.amount, row.currency),
        minimum=_money(row.minimum, row.currency),
        expires_at=None if row.expires_at is None else moment(row.expires_at),
        url=row.url,
        state=msgspec.convert(row.state, DiscountState),
    )


def to_line(row: Discount) -> list[object]:
    """The row as a line of a table, under `CSV_HEADER`."""
    times = (row.created_at, row.issued_at, row.expires_at, row.redeemed_at)
    said = ["" if at is None else moment(at).isoformat(timespec="seconds") for at in times]
    minimum = "" if row.minimum is None else to_text(row.minimum, row.currency)
    return [
        to_view(row).code, row.state, title(row), minimum, row.currency, row.customer_name,
        row.store, row.by_name, row.reason, row.decided_by, *said, row.order_reference,
    ]  # fmt: skip
