"""A connected shop, and what a test asks the hub about it."""

from __future__ import annotations

import json
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, select

from connectors.testing.hubs import RunningHub, Shop
from connectors.woocommerce import topics
from connectors.woocommerce.plugin import WooCommerce
from connectors.woocommerce.settings import NAME, ShopSettings, shop_of, short_name
from connectors.woocommerce.slim import slim_body
from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.deliveries import Delivery
from core import inbox, jobs, syncs
from core.audit import operator
from core.catalog import external_ids
from core.connections import connect, connection_row, open_connection
from core.connector import Connection, ConnectionDraft, Progress
from core.customers import Customer, customer_by_external_id
from core.db import Work, table_of
from core.products import Product, search_products
from core.records import RecordRow, to_view
from core.views import Record

LONG = 10_000  # rows nobody has more of in a test
TOPICS = sorted(topics.TOPICS)
_records = table_of(RecordRow)


def woo_of(hub: RunningHub) -> WooCommerce:
    """The connector as the running hub has it."""
    found = hub.hub.services.connectors[NAME]
    assert isinstance(found, WooCommerce)
    return found


async def connected(hub: RunningHub, shop: Shop, store: WooStore) -> Connection:
    """A connection made past the approval, with a key of the stand-in."""
    settings = ShopSettings(
        url=store.home,
        consumer_key=SecretStr(store.key.consumer_key),
        consumer_secret=SecretStr(store.key.consumer_secret),
        auth="oauth",
        webhook_secret=SecretStr("5ecre7" * 8),
        hook_key=SecretStr("4d00r" * 8),
    )
    details = {"url": store.home, "admin_url": f"{store.home}/wp-admin/", "currency": "EUR"}
    name = shop_of(store.home)

    def make(work: Work) -> Connection:
        draft = ConnectionDraft(name, "Kettle", short_name(name), settings, details)
        row = connect(work, hub.hub.services.vault, operator(shop.workspace_id), NAME, draft)
        made = open_connection(row, hub.hub.services.vault, ShopSettings)
        syncs.end(work, made, syncs.begin(work, made, "full"))  # the schedule leaves it to the test
        return made

    return await hub.hub.db.write(make)


async def again(hub: RunningHub, connection: Connection) -> Connection:
    """The connection as it is now."""

    def find(work: Work) -> Connection:
        row = connection_row(work, connection.workspace_id, connection.id)
        return open_connection(row, hub.hub.services.vault, ShopSettings)

    return await hub.hub.db.read(find)


async def read_all(
    hub: RunningHub, connection: Connection, cursor: str = "", way: str = "backfill"
) -> list[Progress]:
    """Every step of a sync."""
    connector, services = woo_of(hub), hub.hub.services
    if way == "backfill":
        return [far async for far in connector.backfill(services, connection, cursor)]
    if way == "reconcile":
        return [far async for far in connector.reconcile(services, connection, cursor)]
    return [far async for far in connector.sweep(services, connection)]


async def hear(hub: RunningHub, connection: Connection, topic: str, body: bytes) -> None:
    """Work on a webhook as it is stored: without what is never kept."""
    stored = slim_body(topic, body)
    await woo_of(hub).handle(hub.hub.services, connection, topic, stored)


async def hear_all(hub: RunningHub, connection: Connection, sent: list[Delivery]) -> None:
    """The same for what the stand-in has sent, in this order."""
    for delivery in sent:
        if delivery.body.startswith(b"{"):
            await hear(hub, connection, delivery.topic, delivery.body)


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


async def orders(hub: RunningHub, connection: Connection) -> dict[str, Record]:
    """A shop's orders here, by their reference."""

    def read(work: Work) -> dict[str, Record]:
        of_shop = select(_records).where(
            _records.c.workspace_id == connection.workspace_id,
            _records.c.source == connection.source,
        )
        return {row["reference"]: to_view(row) for row in work.execute(of_shop).mappings()}

    return await hub.hub.db.read(read)


async def owner(hub: RunningHub, connection: Connection, reference: Any) -> str | None:
    """The shop's id of whoever an order belongs to; None for a guest's."""
    from core.customers import customer_for

    def read(work: Work) -> str | None:
        of_order = select(_records.c.customer_id).where(
            _records.c.workspace_id == connection.workspace_id,
            _records.c.source == connection.source,
            _records.c.reference == str(reference),
        )
        customer_id = work.execute(of_order).scalar_one()
        if customer_id is None:
            return None
        return customer_for(work, connection.workspace_id, customer_id).external_id

    return await hub.hub.db.read(read)


async def customer(hub: RunningHub, connection: Connection, external_id: Any) -> Customer | None:
    """The customer a shop knows by this id, as the hub has them."""
    return await hub.hub.db.read(
        customer_by_external_id, connection.workspace_id, connection.source, str(external_id)
    )


def fact(row: Customer | None, name: str) -> str:
    """What is known of a customer."""
    return str(row.profile.get(name, {}).get("value", "")) if row else ""


async def products(hub: RunningHub, connection: Connection) -> list[str]:
    """The external ids of a shop's products here."""
    rows = await hub.hub.db.read(external_ids, connection.workspace_id, connection.source, "", LONG)
    return sorted(row.external_id for row in rows)


async def product(hub: RunningHub, connection: Connection, external_id: Any) -> Product | None:
    """One of them."""

    def read(work: Work) -> Product | None:
        found = search_products(work, connection.workspace_id, "", LONG)
        return next((one for one in found if one.external_id == str(external_id)), None)

    return await hub.hub.db.read(read)


async def rows(hub: RunningHub, connection: Connection) -> list[Any]:
    """What a shop's products are here, but for our own ids and times."""

    def read(work: Work) -> list[Any]:
        return [
            (
                one.external_id,
                one.title,
                one.price,
                one.currency,
                one.available,
                json.dumps(one.data),
            )
            for one in search_products(work, connection.workspace_id, "", LONG)
            if one.source == connection.source
        ]

    return sorted(await hub.hub.db.read(read))


def visible(store: WooStore) -> list[str]:
    """The ids of the products a visitor of the shop can find."""
    return sorted(
        str(one.id)
        for one in store.catalog.products()
        if one.status == "publish"
        and one.facts.get("catalog_visibility", "visible") != "hidden"
        and not one.facts.get("post_password")
    )
