"""Discounts: a code given in a conversation, by an agent or the assistant, inside the policy.

A wish is judged by the workspace's policy and by every plugin's `discount_policy`, reserved in
the ledger or sent to an admin, made by the shop, and told in the conversation. Each step is
saved before the next, and the job goes on where a crash or a silent shop left off.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core import discount_requests as requests
from core.access import Principal, Role
from core.connections import active_by_source, connections_of
from core.connector import Connection, IssuedCode, IssuesDiscounts
from core.conversations import conversation_for
from core.customers import Customer, customer_for
from core.db import Work
from core.discount_issuing import issue, opened
from core.discount_ledger import Discount, find, locked, move
from core.discount_policy import (
    DiscountPolicy,
    DiscountWish,
    Verdict,
    policy_of,
    to_hundredths,
)
from core.discount_requests import Holder, Spent, Store, check_budget, check_shares
from core.discount_views import to_view
from core.errors import Conflict, Invalid, NotFound, Refused
from core.services import Services
from core.views import DiscountView, Money
from core.visitors import visitor


@dataclass(frozen=True, slots=True)
class Offered:
    """What somebody offers in a conversation: one of `percent` and `amount`."""

    id: str  # made by them: asking again is safe
    conversation: str
    percent: Decimal | None = None
    amount: Money | None = None
    valid_days: int | None = None
    connection: str = ""  # where several shops issue codes
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a conversation may be offered; `refused` says why nothing."""

    policy: DiscountPolicy
    spent: Spent
    stores: list[Store]
    customer_name: str
    bound: bool
    needs_approval: bool
    refused: str


# Offering --------------------------------------------------------------------------------


async def offer_discount(services: Services, by: Principal, offered: Offered) -> DiscountView:
    """Give a conversation a discount: issued, or waiting for an admin or for a slow shop.

    The same id again gives the same discount. What policy or budget refuse is raised.
    """
    if (offered.percent is None) == (offered.amount is None):
        raise Invalid("Send one of percent and amount.", field="percent")
    if offered.percent is not None and not to_hundredths(offered.percent):
        raise Invalid("percent must be more than nothing.", field="percent")
    row = await services.db.read(_prepare, services, by, offered)
    if isinstance(row, tuple):
        wish, store, holder = row
        said = await _verdicts(services, wish)
        row = await services.db.write(requests.request, wish, store, holder, said)
    if row.state == "reserved":
        row = await issue(services, row.workspace_id, row.id)
    return to_view(row)


def _prepare(
    work: Work, services: Services, by: Principal, offered: Offered
) -> Discount | tuple[DiscountWish, Store, Holder]:
    """The discount there is already, or who is to get it from which shop, if policy may agree."""
    talk = conversation_for(work, by, offered.conversation)
    if row := find(work, by.workspace_id, offered.id):
        return requests.same(row, _wish(by, offered, row.customer_id, None, row.valid_days))
    holder, customer = _holder(work, talk)
    store = _choose(stores_for(work, services, by.workspace_id, customer), offered.connection)
    policy = policy_of(work, by.workspace_id)
    days = offered.valid_days or policy.valid_days
    if days < 1:
        raise Invalid("valid_days must be a day at least.", field="valid_days")
    wish = _wish(by, offered, holder.customer_id, store, days)
    requests.check(work, policy, wish, store, holder)
    return wish, store, holder


def _wish(
    by: Principal, offered: Offered, customer: str | None, store: Store | None, days: int
) -> DiscountWish:
    return DiscountWish(
        workspace_id=by.workspace_id,
        id=offered.id,
        by=by,
        conversation=offered.conversation,
        customer=customer,
        connection=store.id if store else "",
        source=store.source if store else "",
        percent=offered.percent,
        amount=offered.amount,
        valid_days=days,
        reason=offered.reason,
    )


def _holder(work: Work, talk: dict[str, Any]) -> tuple[Holder, Customer | None]:
    workspace_id, customer_id = talk["workspace_id"], talk["customer_id"]
    customer = customer_for(work, workspace_id, customer_id) if customer_id else None
    said = visitor(work, workspace_id, talk["visitor_id"]).said()
    name = (customer and (customer.name or customer.external_id)) or said.name or said.email
    return Holder(talk["visitor_id"], customer_id, name or "Visitor"), customer


def stores_for(
    work: Work, services: Services, workspace_id: str, customer: Customer | None
) -> list[Store]:
    """The shops that may issue a code: the customer's own alone, else all that can."""
    if customer is not None:
        own = active_by_source(work, workspace_id, customer.source)
        rows = [own] if own is not None and _issues(services, own.connector) else []
    else:
        rows = []
    rows = rows or [
        row
        for row in connections_of(work, workspace_id)
        if row.state == "active" and _issues(services, row.connector)
    ]
    return [_to_store(row, customer) for row in rows]


def _issues(services: Services, connector: str) -> bool:
    return isinstance(services.connectors.get(connector), IssuesDiscounts)


def _to_store(row: Any, customer: Customer | None) -> Store:
    theirs = customer is not None and customer.source == row.source
    email = customer.profile.get("email", {}).get("value", "") if theirs and customer else ""
    return Store(
        id=row.id,
        title=row.title,
        source=row.source,
        currency=str(row.details.get("currency") or ""),
        customer=customer.external_id if theirs and customer else "",
        email=email,
    )


def _choose(stores: list[Store], wanted: str) -> Store:
    if not stores:
        raise Conflict("No connected shop issues codes. Connect one first.", code="no_shop")
    if wanted:
        found = [store for store in stores if store.id == wanted]
        if not found:
            raise Invalid("This shop cannot issue the code.", field="connection")
        return found[0]
    if len(stores) > 1:
        raise Invalid("Choose the shop that is to issue the code.", field="connection")
    return stores[0]


async def _verdicts(services: Services, wish: DiscountWish) -> list[Verdict]:
    """What the plugins say; one that fails or talks nonsense lets nothing pass."""
    answers = await services.guards("discount_policy", services=services, wish=wish)
    said = [answer for answer in answers if answer is not None]
    if not all(isinstance(verdict, Verdict) for verdict in said):
        raise Refused("A plugin's discount policy gave no verdict.", code="guard_failed")
    return said


def offer_for(work: Work, services: Services, by: Principal, conversation_id: str) -> Offer:
    """What a conversation may be offered, and why not."""
    talk = conversation_for(work, by, conversation_id)
    holder, customer = _holder(work, talk)
    policy = policy_of(work, by.workspace_id)
    stores = stores_for(work, services, by.workspace_id, customer)
    refused = ""
    try:
        if policy.stopped:
            raise Conflict("Discounts are stopped.")
        if not stores:
            raise Conflict("No connected shop issues codes. Connect one first.")
        check_shares(work, policy, conversation_id, holder)
        check_budget(work, policy, 0)
    except Conflict as why:
        refused = why.message
    return Offer(
        policy=policy,
        spent=requests.spent(work, by.workspace_id),
        stores=stores,
        customer_name=holder.name,
        bound=any(store.customer or store.email for store in stores),
        needs_approval=(by.role or 0) < Role.ADMIN,
        refused=refused,
    )


# Deciding --------------------------------------------------------------------------------


async def approve(services: Services, by: Principal, discount_id: str) -> DiscountView:
    """Let a waiting discount be issued, if policy and budget still allow it."""

    def wish(work: Work) -> DiscountWish:
        row = find(work, by.workspace_id, discount_id)
        if row is None:
            raise NotFound("There is no such discount.")
        return requests.wish_of(row, by)

    said = await _verdicts(services, await services.db.read(wish))
    row = await services.db.write(requests.approve, by, discount_id, said)
    if row.state == "reserved":
        row = await issue(services, row.workspace_id, row.id)
    return to_view(row)


async def revoke(services: Services, by: Principal, discount_id: str) -> DiscountView:
    """Make an issued code worthless at its shop; Conflict if it is used or over."""

    def begin(work: Work) -> tuple[Discount, Connection | None, Any]:
        row = find(work, by.workspace_id, discount_id)
        if row is None:
            raise NotFound("There is no such discount.")
        if row.state == "revoked":
            return row, None, None
        if row.state != "issued":
            raise Conflict(f"This discount is {row.state}.", code="not_issued")
        return (row, *opened(work, services, row))

    row, connection, connector = await services.db.read(begin)
    if connection is None:
        return to_view(row)
    await connector.revoke_code(services, connection, IssuedCode(row.code, row.reference, row.url))

    def end(work: Work) -> DiscountView:
        row = locked(work, by.workspace_id, discount_id)
        if row.state == "issued":
            move(work, by, row, "revoked")
        return to_view(row)

    return await services.db.write(end)
