"""Settings → Discounts and the composer's offer: policy, approvals, ledger, and issuing codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core import discount_ledger as ledger
from core import discount_requests as requests
from core import discounts
from core.access import ADMIN, AGENT
from core.db import Work
from core.discount_policy import (
    AMOUNTS,
    DiscountPolicy,
    money,
    policy_of,
    save_policy,
    stop,
    to_hundredths,
    to_percent,
)
from core.errors import Invalid
from core.ids import moment
from core.money import to_currency, to_minor
from core.routes import Answer, Call, Route
from core.views import DiscountState, DiscountView, Money

ClientId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Reason = Annotated[str, Meta(max_length=500)]
Currency = Annotated[str, Meta(max_length=3)]
Count = int | UnsetType
Sum = Decimal | UnsetType | None


class Policy(msgspec.Struct, kw_only=True):
    """The policy; percentages are exact decimals, such as "12.5"."""

    highest_percent: str  # "0": no percentages
    approval_percent: str  # above it an admin decides
    currency: str  # of every amount; "" before one is set
    highest_amount: Money | None  # null: no amounts
    approval_amount: Money | None
    minimum: Money | None  # the smallest order
    valid_days: int
    per_customer: int
    per_customer_days: int
    per_conversation: int
    codes_a_day: int
    value_a_day: Money | None  # null: no such limit
    assistant: bool  # may issue codes, to verified customers
    refund_limit: Money | None  # agents' refunds above it need an admin; null: all of them
    stopped: bool
    updated_at: datetime | None  # null: what holds before anyone saved a policy
    updated_by: str


class NewPolicy(msgspec.Struct, kw_only=True):
    """What is to change; amounts in major units ("50.00"), null for none."""

    highest_percent: Decimal | UnsetType = UNSET
    approval_percent: Decimal | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    highest_amount: Sum = UNSET
    approval_amount: Sum = UNSET
    minimum: Sum = UNSET
    valid_days: Count = UNSET
    per_customer: Count = UNSET
    per_customer_days: Count = UNSET
    per_conversation: Count = UNSET
    codes_a_day: Count = UNSET
    value_a_day: Sum = UNSET
    assistant: bool | UnsetType = UNSET
    refund_limit: Decimal | UnsetType = UNSET


class Today(msgspec.Struct, kw_only=True):
    """What is used of the day's budget; it begins anew at midnight, UTC."""

    codes: int
    codes_limit: int
    value: Money | None  # null: the policy has no currency
    value_limit: Money | None  # null: no limit
    stopped: bool
    waiting: int  # for approval


class Asked(msgspec.Struct, kw_only=True):
    """Query parameters of the ledger."""

    state: DiscountState | None = None
    before: Annotated[str, Meta(max_length=120)] = ""


class Page(msgspec.Struct):
    """A page of the ledger, newest first; `next` is the `before` of the following page."""

    items: list[DiscountView]
    next: str | None


class NewDiscount(msgspec.Struct, kw_only=True):
    """What an agent offers: one of `percent` and `amount`. Asking again with an id is safe."""

    id: ClientId
    conversation: ClientId
    percent: Decimal | None = None
    amount: Decimal | None = None  # major units, with `currency`
    currency: Currency = ""
    valid_days: int | None = None  # none: as long as the policy lets it
    connection: Annotated[str, Meta(max_length=64)] = ""  # where several shops issue codes
    reason: Reason = ""


class Decline(msgspec.Struct):
    """Why not."""

    reason: Reason = ""


class OfferAsked(msgspec.Struct):
    conversation: ClientId


class Store(msgspec.Struct):
    """A shop that issues codes."""

    id: str
    title: str


class Offer(msgspec.Struct, kw_only=True):
    """What a conversation may be offered; `refused` says why nothing, or is empty."""

    connections: list[Store]  # the first is the customer's own; several: the agent chooses
    ceiling_percent: str
    approval_above_percent: str
    ceiling_amount: Money | None
    approval_above_amount: Money | None
    currency: str
    minimum: Money | None
    valid_days: int
    codes_today: int
    codes_limit: int
    left_today: int
    customer_name: str
    bound: bool  # only this customer can use it; otherwise whoever has the code, once
    needs_approval: bool  # above the limits; false for admins
    refused: str


async def read_policy(call: Call) -> Policy:
    """The policy that holds."""
    return await call.services.db.read(lambda work: _policy(policy_of(work, call.workspace_id)))


async def change_policy(call: Call) -> Policy:
    """Change the policy; what is left out stays."""
    return await call.services.db.write(_save, call)


def _save(work: Work, call: Call) -> Policy:
    given = {
        name: value
        for name, value in msgspec.structs.asdict(call.body).items()
        if value is not UNSET
    }
    known = policy_of(work, call.workspace_id)
    currency = given.get("currency", known.currency)
    for name in ("highest_percent", "approval_percent"):
        if name in given:
            given[name] = to_hundredths(given[name], name)
    for name in AMOUNTS:
        if given.get(name) is not None:
            if not currency and given[name]:
                raise Invalid("Amounts need a currency.", field="currency")
            digits_of = to_currency(currency or "EUR")
            given[name] = to_minor(given[name], digits_of, field=name)
    return _policy(save_policy(work, call.principal, given))


def _policy(row: DiscountPolicy) -> Policy:
    return Policy(
        highest_percent=to_percent(row.highest_percent),
        approval_percent=to_percent(row.approval_percent),
        currency=row.currency,
        assistant=row.assistant,
        stopped=row.stopped,
        updated_at=moment(row.updated_at) if row.updated_at else None,
        updated_by=row.updated_by,
        valid_days=row.valid_days,
        per_customer=row.per_customer,
        per_customer_days=row.per_customer_days,
        per_conversation=row.per_conversation,
        codes_a_day=row.codes_a_day,
        highest_amount=money(row, row.highest_amount),
        approval_amount=money(row, row.approval_amount),
        minimum=money(row, row.minimum),
        value_a_day=money(row, row.value_a_day),
        refund_limit=money(row, row.refund_limit),
    )


async def today(call: Call) -> Today:
    """What is used of the day's budget."""
    return await call.services.db.read(_today, call.workspace_id)


def _today(work: Work, workspace_id: str) -> Today:
    policy = policy_of(work, workspace_id)
    spent = requests.spent(work, workspace_id)
    return Today(
        codes=spent.codes,
        codes_limit=policy.codes_a_day,
        value=money(policy, spent.value),
        value_limit=money(policy, policy.value_a_day),
        stopped=policy.stopped,
        waiting=ledger.waiting(work, workspace_id),
    )


async def stop_all(call: Call) -> Policy:
    """No code is issued any more, by anyone, from this moment on."""
    return await call.services.db.write(lambda work: _policy(stop(work, call.principal)))


async def resume(call: Call) -> Policy:
    """Codes are issued again."""
    return await call.services.db.write(
        lambda work: _policy(stop(work, call.principal, stopped=False))
    )


async def list_discounts(call: Call) -> Page:
    """A page of the ledger."""
    asked = call.ask(Asked)
    return Page(
        *await call.services.db.read(
            ledger.discounts_of, call.workspace_id, asked.state, asked.before
        )
    )


async def export(call: Call) -> Answer:
    """The whole ledger as a table for a spreadsheet."""
    table = await call.services.db.read(ledger.to_csv, call.workspace_id)
    return Answer(
        table.encode(),
        headers={"content-disposition": 'attachment; filename="discounts.csv"'},
        content_type="text/csv; charset=utf-8",
    )


async def offer(call: Call) -> Offer:
    """What a conversation may be offered."""
    asked = call.ask(OfferAsked)
    found = await call.services.db.read(
        discounts.offer_for, call.services, call.principal, asked.conversation
    )
    policy, spent = found.policy, found.spent
    return Offer(
        connections=[Store(one.id, one.title) for one in found.stores],
        ceiling_percent=to_percent(policy.highest_percent),
        approval_above_percent=to_percent(policy.approval_percent),
        ceiling_amount=money(policy, policy.highest_amount),
        approval_above_amount=money(policy, policy.approval_amount),
        currency=policy.currency,
        minimum=money(policy, policy.minimum),
        valid_days=policy.valid_days,
        codes_today=spent.codes,
        codes_limit=policy.codes_a_day,
        left_today=max(0, policy.codes_a_day - spent.codes),
        customer_name=found.customer_name,
        bound=found.bound,
        needs_approval=found.needs_approval,
        refused=found.refused,
    )


async def issue(call: Call) -> Answer:
    """Give a conversation a discount: issued at once, or waiting for an admin."""
    given: NewDiscount = call.body
    amount = None
    if given.amount is not None:
        currency = to_currency(given.currency)
        amount = requests.positive(to_minor(given.amount, currency), currency)
    view = await discounts.offer_discount(
        call.services,
        call.principal,
        discounts.Offered(
            id=given.id,
            conversation=given.conversation,
            percent=given.percent,
            amount=amount,
            valid_days=given.valid_days,
            connection=given.connection,
            reason=given.reason,
        ),
    )
    return Answer(view, status=201 if view.state == "issued" else 202)


async def approve(call: Call) -> DiscountView:
    """Let a waiting discount be issued; the budget is asked again."""
    return await discounts.approve(call.services, call.principal, call.path["id"])


async def decline(call: Call) -> DiscountView:
    """Refuse a waiting discount."""
    return await call.services.db.write(
        requests.decline, call.principal, call.path["id"], call.body.reason
    )


async def revoke(call: Call) -> DiscountView:
    """Make an issued code worthless."""
    return await discounts.revoke(call.services, call.principal, call.path["id"])


_BASE = "/console/api/discounts"
_ROUTES = [
    Route("GET", f"{_BASE}/policy", read_policy, AGENT, "The discount policy", answer=Policy),
    Route(
        "PUT",
        f"{_BASE}/policy",
        change_policy,
        ADMIN,
        "Change the discount policy",
        body=NewPolicy,
        answer=Policy,
    ),
    Route("GET", f"{_BASE}/today", today, AGENT, "The day's discount budget", answer=Today),
    Route("POST", f"{_BASE}/stop", stop_all, ADMIN, "Stop all discounts", answer=Policy),
    Route("POST", f"{_BASE}/resume", resume, ADMIN, "Allow discounts again", answer=Policy),
    Route("GET", f"{_BASE}.csv", export, ADMIN, "The discount ledger as CSV"),
    Route(
        "GET",
        f"{_BASE}/offer",
        offer,
        AGENT,
        "What a conversation may be offered",
        answer=Offer,
        query=OfferAsked,
    ),
    Route("GET", _BASE, list_discounts, AGENT, "The discount ledger", answer=Page, query=Asked),
    Route(
        "POST",
        _BASE,
        issue,
        AGENT,
        "Issue a discount",
        body=NewDiscount,
        answer=DiscountView,
        status=201,
        also=(202,),
    ),
    Route(
        "POST",
        f"{_BASE}/{{id}}/approve",
        approve,
        ADMIN,
        "Approve a discount",
        answer=DiscountView,
    ),
    Route(
        "POST",
        f"{_BASE}/{{id}}/decline",
        decline,
        ADMIN,
        "Decline a discount",
        body=Decline,
        answer=DiscountView,
    ),
    Route(
        "POST", f"{_BASE}/{{id}}/revoke", revoke, AGENT, "Revoke a discount", answer=DiscountView
    ),
]
ROUTES = [replace(route, tag="Discounts") for route in _ROUTES]
