"""Orders as their shop has them now: read live, never from what is stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import select

from core.connections import active_by_source, open_connection
from core.connector import Connection, Connector, ShowsOrders
from core.customers import customer_for
from core.db import Work, table_of
from core.errors import Conflict, HubError, NotFound, Unavailable
from core.records import RecordRow
from core.services import Services
from core.views import OrderDetails

SHOWN = 10
WITHIN = 15.0  # seconds a shop has to answer an agent who looks at the screen

_records = table_of(RecordRow)


class LiveOrder(OrderDetails, kw_only=True):
    """An order with its place here."""

    record: str | None  # the id of its record; null before we have heard of it
    connection: str
    store: str  # the shop's title


@dataclass(frozen=True, slots=True)
class Found:
    """A customer's orders, or in plain words why they cannot be read."""

    items: list[LiveOrder]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Shop:
    """A connected shop and what speaks for it."""

    connection: Connection
    connector: Connector


async def orders_of(services: Services, workspace_id: str, customer_id: str) -> Found:
    """A customer's newest orders at the shop that knows them; NotFound for no such customer."""

    def look(work: Work) -> tuple[str, Shop | None]:
        customer = customer_for(work, workspace_id, customer_id)
        return customer.external_id, shop_of(work, services, workspace_id, customer.source)

    external_id, shop = await services.db.read(look)
    if shop is None or not isinstance(shop.connector, ShowsOrders):
        return Found([])
    try:
        async with asyncio.timeout(WITHIN):
            found = await shop.connector.orders_of(services, shop.connection, external_id, SHOWN)
    except TimeoutError:
        return Found([], f"{shop.connection.title} does not answer. Try again in a minute.")
    except HubError as why:
        return Found([], why.message)
    own = [one for one in found if one.customer in ("", external_id)]
    return Found(await services.db.read(_placed, shop.connection, own))


async def order(services: Services, workspace_id: str, record_id: str) -> LiveOrder:
    """One order by its record; Conflict if its shop is not connected."""
    record, shop = await services.db.read(order_record, services, workspace_id, record_id)
    details = await read_order(services, shop, record.reference)
    placed = await services.db.read(_placed, shop.connection, [details])
    return placed[0]


def shows_orders(shop: Shop) -> bool:
    """Whether the shop can be asked for its orders."""
    return isinstance(shop.connector, ShowsOrders)


async def read_order(services: Services, shop: Shop, reference: str) -> OrderDetails:
    """The order as its shop has it; Unavailable if it takes too long."""
    if not isinstance(shop.connector, ShowsOrders):
        raise Conflict("This shop shows no orders.", code="no_shop")
    try:
        async with asyncio.timeout(WITHIN):
            return await shop.connector.order(services, shop.connection, reference)
    except TimeoutError as slow:
        raise Unavailable(f"{shop.connection.title} does not answer.", retry_after=30) from slow


def order_record(
    work: Work, services: Services, workspace_id: str, record_id: str
) -> tuple[RecordRow, Shop]:
    """An order's record and its connected shop."""
    record = work.session.get(RecordRow, (workspace_id, record_id))
    if record is None or record.kind != "order":
        raise NotFound("There is no such order.")
    shop = shop_of(work, services, workspace_id, record.source)
    if shop is None:
        raise Conflict("The shop of this order is not connected.", code="no_shop")
    return record, shop


def shop_of(work: Work, services: Services, workspace_id: str, source: str) -> Shop | None:
    """The connected shop whose rows carry `source`, ready to use."""
    row = active_by_source(work, workspace_id, source)
    connector = services.connectors.get(row.connector) if row is not None else None
    if row is None or connector is None:
        return None
    return Shop(open_connection(row, services.vault, connector.settings), connector)


def _placed(work: Work, connection: Connection, found: list[OrderDetails]) -> list[LiveOrder]:
    query = select(_records.c.reference, _records.c.id).where(
        _records.c.workspace_id == connection.workspace_id,
        _records.c.source == connection.source,
        _records.c.kind == "order",
        _records.c.reference.in_([one.reference for one in found]),
    )
    known = {row.reference: row.id for row in work.execute(query)}
    return [
        LiveOrder(
            **{name: getattr(one, name) for name in OrderDetails.__struct_fields__},
            record=known.get(one.reference),
            connection=connection.id,
            store=connection.title,
        )
        for one in found
    ]


def as_known(details: OrderDetails) -> dict[str, str]:
    """What the audit log keeps of an order's state."""
    return {
        "payment": details.payment,
        "fulfilment": details.fulfilment,
        "refunded": details.refunded.text if details.refunded else "",
        "cancelled": details.cancelled_at.isoformat() if details.cancelled_at else "",
    }
