"""Action runs: an approved refund or cancellation is done by its shop, once, and noted.

A shop that does not answer leaves its action running: the job asks for the same deed under the
same key until the shop says what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.access import Principal
from core.connector import ActsOnOrders, CancelWish, Done, RefundWish, RereadsOrders, ShowsOrders
from core.db import Work
from core.errors import HubError, Unavailable
from core.jobs import Job
from core.money import to_money
from core.order_actions import ACT, PAST, OrderAction, announce, locked, look_after_all, note
from core.orders import Shop, as_known, shop_of
from core.services import Services
from core.views import Money

log = structlog.get_logger("hub.actions")

WITHIN = 40.0  # seconds a shop has
TURN = 90_000  # milliseconds nobody else asks the shop meanwhile


@dataclass(frozen=True, slots=True)
class _Turn:
    """The right to have the shop do one thing."""

    row: OrderAction
    shop: Shop
    connector: ActsOnOrders


async def run(services: Services, workspace_id: str, action_id: str) -> OrderAction:
    """Have the shop do what was decided, once; the action as it stands afterwards.

    It goes on running while nobody knows whether the shop has done it.
    """
    turn = await services.db.write(_begin, services, workspace_id, action_id)
    if isinstance(turn, OrderAction):
        return turn
    try:
        async with asyncio.timeout(WITHIN):
            done = await _ask(services, turn)
    except (Unavailable, TimeoutError) as error:
        log.info("action_delayed", action=action_id, reason=repr(error))
        return await services.db.write(_unsettled, turn.row, "The shop has not answered yet.")
    except HubError as refusal:
        return await services.db.write(_end, turn.row, "failed", refusal.message, None)
    except Exception:  # the connector's fault; the shop may have done it all the same
        log.exception("action_failed", action=action_id)
        return await services.db.write(_unsettled, turn.row, "The shop has not answered yet.")
    if done.pending:
        return await services.db.write(_unsettled, turn.row, done.detail)
    after = await _reread(services, turn)
    return await services.db.write(_end, turn.row, "done", done.detail, done.amount, after)


def _begin(
    work: Work, services: Services, workspace_id: str, action_id: str
) -> _Turn | OrderAction:
    row = locked(work, workspace_id, action_id)
    if row.state != "running" or row.locked_until > work.now:
        return row
    shop = shop_of(work, services, workspace_id, row.source)
    if shop is None or not isinstance(shop.connector, ActsOnOrders):
        unknown = " Look there whether it was done." if row.asked_shop else ""
        return _end(work, row, "failed", f"{row.store} is not connected any more.{unknown}", None)
    row.locked_until, row.asked_shop = work.now + TURN, True
    work.add(row)
    return _Turn(row, shop, shop.connector)


async def _ask(services: Services, turn: _Turn) -> Done:
    row, connection = turn.row, turn.shop.connection
    kept = row.wish
    if row.kind == "cancel":
        wish = CancelWish(
            row.reference, kept["refund"], kept["restock"], kept["notify"], row.reason
        )
        return await turn.connector.cancel(services, connection, wish, row.id)
    assert row.amount is not None  # a refund was previewed
    refund = RefundWish(
        row.reference,
        kept["lines"],
        kept["shipping"],
        kept["restock"],
        kept["notify"],
        row.reason,
    )
    amount = to_money(row.amount, row.currency)
    return await turn.connector.refund(services, connection, refund, amount, row.id)


async def _reread(services: Services, turn: _Turn) -> dict[str, str]:
    """The order afterwards; that it cannot be read just now undoes nothing."""
    connector, connection = turn.shop.connector, turn.shop.connection
    try:
        async with asyncio.timeout(WITHIN):
            if isinstance(connector, RereadsOrders):
                await connector.reread_order(services, connection, turn.row.reference)
            if isinstance(connector, ShowsOrders):
                return as_known(await connector.order(services, connection, turn.row.reference))
    except Exception as error:
        log.warning("order_not_read_again", action=turn.row.id, reason=repr(error))
    return {}


def _end(
    work: Work,
    asked: OrderAction,
    state: str,
    detail: str,
    amount: Money | None,
    after: Mapping[str, str] | None = None,
) -> OrderAction:
    row = locked(work, asked.workspace_id, asked.id)
    if row.state != "running":
        return row
    row.state, row.detail, row.locked_until = state, detail[:500], 0
    if amount is not None:
        row.amount, row.currency = amount.minor, amount.currency
    by = Principal("agent", workspace_id=row.workspace_id, id=row.by_id, name=row.by_name)
    action = f"order.{PAST[row.kind]}" if state == "done" else f"order.{row.kind}_failed"
    note(work, by, row, action, detail=row.detail, approved_by=row.decided_by, **(after or {}))
    return row


def _unsettled(work: Work, asked: OrderAction, detail: str) -> OrderAction:
    row = locked(work, asked.workspace_id, asked.id)
    row.locked_until = 0
    if row.state == "running" and row.detail != detail:
        row.detail = detail
        announce(work, row)
    return work.add(row)


# By itself -------------------------------------------------------------------------------


async def _look_after(services: Services, workspace_id: str, action: str) -> None:
    row = await run(services, workspace_id, action)
    if row.state == "running":
        raise Unavailable(row.detail or "Somebody else asks the shop.")


async def _tend(services: Services) -> None:
    await services.db.write(look_after_all)


JOBS = [Job(ACT, _look_after), Job("hub.actions", _tend, timedelta(minutes=5))]
