"""Actions: refunds and cancellations that agents have a shop do, once, with approval.

What is to happen is previewed by the shop, saved, decided by an admin where the workspace's
limit asks for one, done under the action's own id, and noted with what came of it. Whoever
crashes in between leaves it to the job, which asks the shop for the same deed again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.access import Principal, Role
from core.action_runs import WITHIN, run
from core.agents import agents
from core.connector import (
    ActsOnOrders,
    RefundPreview,
    RefundWish,
    ShowsOrders,
)
from core.db import Work
from core.discount_policy import lock_policy, money, policy_of
from core.errors import Conflict, Invalid, Unavailable
from core.money import to_text
from core.order_actions import (
    PATIENCE,
    OrderAction,
    actions_of,
    decline,
    find,
    locked,
    look_after,
    note,
    to_view,
    undecided,
)
from core.orders import Shop, as_known, order_record, read_order
from core.records import RecordRow
from core.services import Services
from core.views import ActionKind, ActionView, Money

__all__ = ["act", "actions_of", "approve", "decline", "preview"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an agent wants done to an order."""

    id: str  # made by them: asking again is safe
    record: str
    kind: ActionKind
    lines: Mapping[str, int] = field(default_factory=dict)
    shipping: bool = False
    restock: bool = False
    notify: bool = True
    refund: bool = True
    reason: str = ""
    amount: tuple[int, str] | None = None  # what the preview said: minor units, currency

    def refund_wish(self, reference: str) -> RefundWish:
        """The wish as a shop takes it; lines of nothing are left out."""
        lines = {line: quantity for line, quantity in self.lines.items() if quantity}
        return RefundWish(reference, lines, self.shipping, self.restock, self.notify, self.reason)


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a refund would come to, and who has to agree."""

    preview: RefundPreview
    needs_approval: bool
    limit: Money | None
    approvers: list[str]


# Asking ----------------------------------------------------------------------------------


async def preview(services: Services, by: Principal, wanted: Wanted) -> Previewed:
    """What a refund would be, as the shop computes it; nothing happens."""
    record, shop = await services.db.read(order_record, services, by.workspace_id, wanted.record)
    seen = await _preview(services, shop, wanted, record.reference)

    def judge(work: Work) -> Previewed:
        return Previewed(
            preview=seen,
            needs_approval=_needs_approval(work, by, "refund", record.id, seen.amount),
            limit=money(policy := policy_of(work, by.workspace_id), policy.refund_limit),
            approvers=[
                one.account.name for one in agents(work, by.workspace_id) if one.role >= Role.ADMIN
            ],
        )

    return await services.db.read(judge)


async def act(services: Services, by: Principal, wanted: Wanted) -> ActionView:
    """Have a shop refund or cancel: done, or waiting for an admin or for a slow shop.

    The same id again gives the same action, Conflict if it was another. Conflict
    `amount_changed` if the shop computes another refund than the agent has seen.
    """
    _check(wanted)
    row = await services.db.read(_known, by, wanted)
    if row is None:
        record, shop = await services.db.read(
            order_record, services, by.workspace_id, wanted.record
        )
        amount, before = await _foreseen(services, shop, wanted, record.reference)
        row = await services.db.write(_intend, by, wanted, record, shop, amount, before)
    if row.state == "running":
        row = await run(services, row.workspace_id, row.id)
    return to_view(row)


async def approve(services: Services, by: Principal, action_id: str) -> ActionView:
    """Let a waiting action happen, once."""

    def decide(work: Work) -> OrderAction:
        row = locked(work, by.workspace_id, action_id)
        if row.state == "waiting":
            row.decided_by, row.decided_at = by.name, work.now
            row.state, row.detail = "running", ""
            note(work, by, row, f"order.{row.kind}_approved")
            look_after(work, row, work.now + PATIENCE)
        elif row.state == "declined" or not row.decided_by:
            raise Conflict("This does not wait for anyone any more.", code="not_waiting")
        return row

    row = await services.db.write(decide)
    if row.state == "running":
        row = await run(services, row.workspace_id, row.id)
    return to_view(row)


def _check(wanted: Wanted) -> None:
    if wanted.kind == "refund":
        if not wanted.shipping and not any(wanted.lines.values()):
            raise Invalid("Choose what to give back.", field="lines")
        if wanted.amount is None:
            raise Invalid("amount must be what the preview said.", field="amount")
        if wanted.amount[0] <= 0:
            raise Invalid("There is nothing to give back.", field="amount")


def _known(work: Work, by: Principal, wanted: Wanted) -> OrderAction | None:
    row = find(work, by.workspace_id, wanted.id)
    if row is not None and (row.wish != _kept(wanted) or row.by_id != by.id):
        raise Conflict(
            "This id was used for another action. Use a new one for each.",
            code="id_reused",
            field="id",
        )
    return row


def _kept(wanted: Wanted) -> dict[str, object]:
    names = ("record", "kind", "shipping", "restock", "notify", "refund", "reason")
    lines = {line: quantity for line, quantity in sorted(wanted.lines.items()) if quantity}
    amount = list(wanted.amount) if wanted.amount else None
    return {**{name: getattr(wanted, name) for name in names}, "lines": lines, "amount": amount}


async def _preview(services: Services, shop: Shop, wanted: Wanted, reference: str) -> RefundPreview:
    connector = _acting(shop)
    try:
        async with asyncio.timeout(WITHIN):
            return await connector.preview_refund(
                services, shop.connection, wanted.refund_wish(reference)
            )
    except TimeoutError as slow:
        raise Unavailable(f"{shop.connection.title} does not answer.", retry_after=30) from slow


async def _foreseen(
    services: Services, shop: Shop, wanted: Wanted, reference: str
) -> tuple[Money | None, dict[str, str]]:
    """The amount the shop says it would come to, and the order as it is before."""
    _acting(shop)
    details = None
    if isinstance(shop.connector, ShowsOrders):
        details = await read_order(services, shop, reference)
    before = as_known(details) if details else {}
    if wanted.kind == "cancel":
        if not wanted.refund:
            return None, before
        nothing = Wanted(id="", record=wanted.record, kind="refund")
        return (await _preview(services, shop, nothing, reference)).maximum, before
    seen = await _preview(services, shop, wanted, reference)
    if wanted.amount != (seen.amount.minor, seen.amount.currency):
        raise Conflict(
            f"The shop computes {seen.amount.text} {seen.amount.currency} by now. Look again.",
            code="amount_changed",
            field="amount",
        )
    return seen.amount, before


def _acting(shop: Shop) -> ActsOnOrders:
    if not isinstance(shop.connector, ActsOnOrders):
        raise Conflict("Orders of this shop cannot be changed from here.", code="no_shop")
    return shop.connector


def _needs_approval(
    work: Work, by: Principal, kind: str, record_id: str, amount: Money | None
) -> bool:
    """Whether an admin has to agree: to every cancellation, and to refunds above the limit.

    An order's refunds count together: in parts, nobody gives back what they may not at once.
    """
    if (by.role or 0) >= Role.ADMIN:
        return False
    policy = policy_of(work, by.workspace_id)
    if kind == "cancel" or amount is None or amount.currency != policy.currency:
        return True
    before = undecided(work, by.workspace_id, record_id, amount.currency)
    return before + amount.minor > policy.refund_limit


def _intend(
    work: Work,
    by: Principal,
    wanted: Wanted,
    record: RecordRow,
    shop: Shop,
    amount: Money | None,
    before: dict[str, str],
) -> OrderAction:
    """Save what is to happen, before the shop hears of it."""
    if known := _known(work, by, wanted):
        return known
    lock_policy(work, by.workspace_id)  # of two at once, the second sees the first
    waits = _needs_approval(work, by, wanted.kind, record.id, amount)
    row = OrderAction(
        workspace_id=by.workspace_id,
        id=wanted.id,
        kind=wanted.kind,
        state="waiting" if waits else "running",
        record_id=record.id,
        connection_id=shop.connection.id,
        source=record.source,
        store=shop.connection.title,
        reference=record.reference,
        order_title=record.title or record.reference,
        customer_id=record.customer_id,
        wish=_kept(wanted),
        reason=wanted.reason,
        amount=amount.minor if amount else None,
        currency=amount.currency if amount else "",
        before=before,
        detail=_why(work, by, wanted.kind) if waits else "",
        by_id=by.id,
        by_name=by.name,
        by_avatar=by.avatar_url,
        created_at=work.now,
        updated_at=work.now,
    )
    note(work, by, row, f"order.{wanted.kind}_asked")
    if not waits:
        look_after(work, row, work.now + PATIENCE)
    return row


def _why(work: Work, by: Principal, kind: str) -> str:
    policy = policy_of(work, by.workspace_id)
    if kind == "cancel":
        return "An admin confirms every cancellation."
    if not policy.refund_limit:
        return "An admin confirms every refund."
    limit = to_text(policy.refund_limit, policy.currency)
    return f"Above the limit of {limit} {policy.currency}."
