"""A connected shop, and what a test asks the hub about it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from connectors.shopify import topics
from connectors.shopify.plugin import Shopify
from connectors.shopify.settings import NAME, SCOPES, ShopSettings, short_name
from connectors.testing.hubs import RunningHub, Shop
from core import inbox, jobs
from core.audit import operator
from core.catalog import external_ids
from core.connections import connect, connection_row, open_connection
from core.connector import Connection, ConnectionDraft
from core.customers import Customer, customer_by_external_id
from core.db import Work
from core.records import records_of
from core.views import Record

LONG = 10_000  # rows nobody has more of in a test


def shopify_of(hub: RunningHub) -> Shopify:
    """The connector as the running hub has it."""
    found = hub.hub.services.connectors[NAME]
    assert isinstance(found, Shopify)
    return found


async def connected(
    hub: RunningHub, shop: Shop, domain: str, token: str = "shpat_invented", **keys: Any
) -> Connection:
    """A connection made past the approval, with a token out of thin air."""
    given = {"source": "code", "access_token": token, "scopes": SCOPES, **keys}
    settings = ShopSettings.model_validate(given)

    def make(work: Work) -> Connection:
        draft = ConnectionDraft(domain, "Kestrel Clay", short_name(domain), settings)
        row = connect(work, hub.hub.services.vault, operator(shop.workspace_id), NAME, draft)
        return open_connection(row, hub.hub.services.vault, ShopSettings)

    return await hub.hub.db.write(make)


async def again(hub: RunningHub, connection: Connection) -> Connection:
    """The connection as it is now."""

    def find(work: Work) -> Connection:
        row = connection_row(work, connection.workspace_id, connection.id)
        return open_connection(row, hub.hub.services.vault, ShopSettings)

    return await hub.hub.db.read(find)


async def work_off(hub: RunningHub) -> None:
    """Work on everything in the inbox as the worker would, in the order it came."""

    def waiting(work: Work) -> list[inbox.Delivery]:
        rows = work.execute(
            select(inbox.table)
            .where(inbox.table.c.state == "waiting")
            .order_by(inbox.table.c.created_at)
        )
        return [inbox.to_delivery(row) for row in rows.mappings()]

    def done(work: Work, id_: str) -> None:
        work.execute(
            inbox.table.update().where(inbox.table.c.id == id_).values(state="done", ended_at=1)
        )

    for delivery in await hub.hub.db.read(waiting):
        await topics.take_in(shopify_of(hub), delivery)
        await hub.hub.db.write(done, delivery.id)


async def stored(hub: RunningHub) -> int:
    """How many deliveries are in the inbox."""

    def count(work: Work) -> int:
        return int(work.execute(select(func.count()).select_from(inbox.table)).scalar_one())

    return await hub.hub.db.read(count)


async def is_quiet(hub: RunningHub) -> bool:
    """Whether no webhook and no job is waiting or at work."""

    def busy(work: Work) -> int:
        return sum(
            int(
                work.execute(
                    select(func.count())
                    .select_from(table)
                    .where(table.c.state.in_(("waiting", "working")))
                ).scalar_one()
            )
            for table in (inbox.table, jobs.table)
        )

    return await hub.hub.db.read(busy) == 0


async def customer(hub: RunningHub, connection: Connection, external_id: str) -> Customer | None:
    """The customer a shop knows by this id, as the hub has them."""
    return await hub.hub.db.read(
        customer_by_external_id, connection.workspace_id, connection.source, external_id
    )


async def orders(hub: RunningHub, connection: Connection, external_id: str) -> list[Record]:
    """A customer's records, newest first."""
    found = await customer(hub, connection, external_id)
    if found is None:
        return []

    def read(work: Work) -> list[Record]:
        return records_of(work, connection.workspace_id, found.id, limit=LONG)

    return await hub.hub.db.read(read)


async def products(hub: RunningHub, connection: Connection) -> list[str]:
    """The external ids of a shop's products here."""
    rows = await hub.hub.db.read(external_ids, connection.workspace_id, connection.source, "", LONG)
    return [row.external_id for row in rows]
