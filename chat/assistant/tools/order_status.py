"""Order status: one of the visitor's own orders, as its shop has it now."""

from __future__ import annotations

import asyncio
from typing import Annotated

import structlog
from msgspec import Meta

from chat.assistant.tools.arguments import Arguments
from chat.assistant.tools.orders import source_of, told
from core import orders
from core.access import Assurance
from core.customers import customer_for
from core.db import Work
from core.errors import NotFound
from core.order_cards import card_of_details, card_of_record, is_called
from core.records import own_records
from core.tools import Result, Tool, Use
from core.views import OrderCard, Record

log = structlog.get_logger("tools")

WITHIN = 4.0  # seconds the shop has, before what is known is told
LOOKED_AT = 200  # newest orders of a customer


class OrderStatus(Arguments):
    """The order's number, as people call it."""

    number: Annotated[str, Meta(min_length=1, max_length=64)]


# "Not yours" and "not there" are this one result: only the visitor's own orders are looked at.
NOTHING = Result(status="nothing", note="No such order of theirs.")


async def order_status(use: Use, wanted: OrderStatus) -> Result:
    """The order, live from a connected shop, else as its record has it."""
    found = await use.services.db.read(_find, use, wanted.number)
    if found is None:
        return NOTHING
    record, customer = found
    shown = await _now(use, record, customer)
    if shown is None:
        return NOTHING
    return Result(
        status="found", data=shown, cards=(shown,), sources=(source_of(shown),), note=told(shown)
    )


def _find(work: Work, use: Use, number: str) -> tuple[Record, str] | None:
    """The record, and the shop's own id of the customer it belongs to."""
    for customer_id in use.customers:
        for record in own_records(work, use.workspace_id, (customer_id,), "order", LOOKED_AT):
            if is_called(record, number):
                return record, customer_for(work, use.workspace_id, customer_id).external_id
    return None


async def _now(use: Use, record: Record, customer: str) -> OrderCard | None:
    """The order as its shop has it; the record if the shop cannot say in time.

    None when the shop says that it is somebody else's by now, or that it is gone.
    """
    shop = await use.services.db.read(orders.shop_of, use.services, use.workspace_id, record.source)
    if shop is None or not orders.shows_orders(shop):
        return card_of_record(record)
    try:
        async with asyncio.timeout(WITHIN):
            details = await orders.read_order(use.services, shop, record.reference)
    except NotFound:
        return None
    except Exception as error:  # the shop's trouble or its connector's fault
        log.info("order_not_read", shop=shop.connection.title, reason=repr(error))
        return card_of_record(record)
    if details.customer not in ("", customer):
        return None
    return card_of_details(record, details)


tool = Tool(
    name="order_status",
    title="Tell an order's status",
    description=(
        "One order of the visitor who is writing, by its number: payment, delivery, tracking. "
        "It answers nothing when there is no such order of theirs."
    ),
    arguments=OrderStatus,
    run=order_status,
    assurance=Assurance.EMAIL,
    limit="Their own orders",
)
