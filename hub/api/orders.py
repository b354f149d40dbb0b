"""Orders as the shop has them now, and what agents may have a shop do to them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from core import actions, orders
from core.access import ADMIN, AGENT
from core.routes import Answer, Call, Route
from core.views import ActionKind, ActionState, ActionView, Money
from hub.api.discounts import ClientId, Reason

Lines = dict[Annotated[str, Meta(max_length=64)], Annotated[int, Meta(ge=0, le=100_000)]]


class Orders(msgspec.Struct):
    """A customer's newest orders; `problem` says in plain words why they cannot be read now."""

    items: list[orders.LiveOrder]
    problem: str = ""


class ToPreview(msgspec.Struct, kw_only=True):
    """What would be given back: line id → quantity, and the shipping."""

    lines: Lines = {}
    shipping: bool = False


class Preview(msgspec.Struct, kw_only=True):
    """What a refund would come to, as the shop computes it, and whether it waits."""

    amount: Money
    shipping: Money
    maximum: Money
    needs_approval: bool
    limit: Money | None  # refunds above it need an admin; null: all of them
    approvers: list[str]  # names


class Sum(msgspec.Struct):
    """An amount as a preview said it; other members are ignored."""

    minor: int
    currency: Annotated[str, Meta(max_length=3)]


class NewAction(msgspec.Struct, kw_only=True):
    """What an agent wants done to an order. Asking again with an id is safe."""

    id: ClientId
    record: Annotated[str, Meta(max_length=64)]
    kind: ActionKind
    lines: Lines = {}
    shipping: bool = False
    restock: bool = False
    notify: bool = True
    refund: bool = True  # of a cancellation: give the money back
    reason: Reason = ""
    amount: Sum | None = None  # of a refund: the `amount` its preview said


class Asked(msgspec.Struct, kw_only=True):
    """Query parameters of the list."""

    state: ActionState | None = None
    record: Annotated[str, Meta(max_length=64)] = ""
    before: Annotated[str, Meta(max_length=120)] = ""


class Page(msgspec.Struct):
    """A page of actions, newest first; `next` is the `before` of the following page."""

    items: list[ActionView]
    next: str | None


class Decline(msgspec.Struct):
    """Why not."""

    reason: Reason = ""


async def customer_orders(call: Call) -> Orders:
    """A customer's newest orders, read from the shop; its trouble is told, not raised."""
    found = await orders.orders_of(call.services, call.workspace_id, call.path["id"])
    return Orders(found.items, found.problem)


async def order(call: Call) -> orders.LiveOrder:
    """One order, read from the shop."""
    return await orders.order(call.services, call.workspace_id, call.path["id"])


async def preview(call: Call) -> Preview:
    """What a refund would come to; nothing happens."""
    given: ToPreview = call.body
    wish = actions.Wanted(
        id="", record=call.path["id"], kind="refund", lines=given.lines, shipping=given.shipping
    )
    seen = await actions.preview(call.services, call.principal, wish)
    return Preview(
        amount=seen.preview.amount,
        shipping=seen.preview.shipping,
        maximum=seen.preview.maximum,
        needs_approval=seen.needs_approval,
        limit=seen.limit,
        approvers=seen.approvers,
    )


async def act(call: Call) -> Answer:
    """Refund or cancel: done at once, or waiting for an admin."""
    given: NewAction = call.body
    wish = actions.Wanted(
        id=given.id,
        record=given.record,
        kind=given.kind,
        lines=given.lines,
        shipping=given.shipping,
        restock=given.restock,
        notify=given.notify,
        refund=given.refund,
        reason=given.reason,
        amount=(given.amount.minor, given.amount.currency) if given.amount else None,
    )
    view = await actions.act(call.services, call.principal, wish)
    return Answer(view, status=201 if view.state in ("done", "failed") else 202)


async def list_actions(call: Call) -> Page:
    """A page of actions."""
    asked = call.ask(Asked)
    return Page(
        *await call.services.db.read(
            actions.actions_of, call.workspace_id, asked.state, asked.record, asked.before
        )
    )


async def approve(call: Call) -> ActionView:
    """Let a waiting action happen."""
    return await actions.approve(call.services, call.principal, call.path["id"])


async def decline(call: Call) -> ActionView:
    """Refuse a waiting action; the shop hears nothing of it."""
    return await call.services.db.write(
        actions.decline, call.principal, call.path["id"], call.body.reason
    )


ROUTES = [
    Route(
        "GET",
        "/console/api/customers/{id}/orders",
        customer_orders,
        AGENT,
        "A customer's orders as the shop has them",
        answer=Orders,
        tag="Orders",
    ),
    Route(
        "GET",
        "/console/api/orders/{id}",
        order,
        AGENT,
        "An order as the shop has it",
        answer=orders.LiveOrder,
        tag="Orders",
    ),
    Route(
        "POST",
        "/console/api/orders/{id}/preview",
        preview,
        AGENT,
        "What a refund would come to",
        body=ToPreview,
        answer=Preview,
        tag="Orders",
    ),
    Route(
        "GET",
        "/console/api/actions",
        list_actions,
        AGENT,
        "Refunds and cancellations",
        answer=Page,
        query=Asked,
        tag="Orders",
    ),
    Route(
        "POST",
        "/console/api/actions",
        act,
        AGENT,
        "Refund or cancel an order",
        body=NewAction,
        answer=ActionView,
        status=201,
        also=(202,),
        tag="Orders",
    ),
    Route(
        "POST",
        "/console/api/actions/{id}/approve",
        approve,
        ADMIN,
        "Approve a refund or a cancellation",
        answer=ActionView,
        tag="Orders",
    ),
    Route(
        "POST",
        "/console/api/actions/{id}/decline",
        decline,
        ADMIN,
        "Decline a refund or a cancellation",
        body=Decline,
        answer=ActionView,
        tag="Orders",
    ),
]
