"""Privacy: Shopify's three mandatory requests, done here and not left to anybody's to-do list.

They come for shops that are connected, and 48 hours after the app was uninstalled for those that
are not. What was erased stays away: an older webhook, sent late or again, finds a tombstone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from connectors.shopify import install
from connectors.shopify.mapping import Node, number, of, to_text
from connectors.shopify.order_mapping import KIND
from core import inbox, marks, tombstones
from core.audit import audit, itself
from core.connector import Connection
from core.customers import customer_by_external_id
from core.db import Work
from core.privacy import erase_claimed, erase_customer, erase_records, erase_source
from core.remains import scrub

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

log = structlog.get_logger("shopify")

CUSTOMER = "customer"


class Held(NamedTuple):
    """Whose data a request is about: one workspace's of one shop, connected or not."""

    workspace_id: str
    connection_id: str
    source: str
    connection: Connection | None  # None: it is connected no more


async def take_in(shopify: Shopify, held: Held, topic: str, payload: Node) -> None:
    """Do what Shopify asks for."""
    await TOPICS[topic](shopify, held, payload)


async def export_asked(shopify: Shopify, held: Held, payload: Node) -> None:
    """Have the admins hand out what there is of a customer: the audit log names them by our id.

    The merchant gets the request from Shopify, too, and answers it with the export of the
    customer's page. Nothing personal is written down for it.
    """

    def note(work: Work) -> None:
        row = _customer(work, held, payload)
        request = number(of(payload.get("data_request")).get("id"))
        known = {"request": request, "customer": row.id if row else "unknown"}
        audit(work, itself(held.workspace_id), "privacy.export_asked", held.source, after=known)

    await shopify.services.db.write(note)


async def customer_redacted(shopify: Shopify, held: Held, payload: Node) -> None:
    """Erase a customer and the orders that are named, in one unit, and close the door."""
    orders = [number(one) for one in payload.get("orders_to_redact") or ()]
    external_id = _external_id(payload)

    def erase(work: Work) -> None:
        where = (held.workspace_id, held.source)
        row = _customer(work, held, payload)
        if row is not None:
            erase_customer(work, held.workspace_id, row.id)
        elif email := to_text(of(payload.get("customer")).get("email"), 320):
            erase_claimed(work, held.workspace_id, email)
        erase_records(work, *where, [one for one in orders if one])
        tombstones.bury(work, *where, CUSTOMER, [external_id] if external_id else [])
        tombstones.bury(work, *where, KIND, [one for one in orders if one])

    await shopify.services.db.write(erase)
    await asyncio.to_thread(scrub, shopify.services.db.url)
    for order in orders:
        shopify.orders.forget(order, external_id)


async def shop_redacted(shopify: Shopify, held: Held, payload: Node) -> None:
    """Erase all that came from a shop, unless the app was installed again since.

    A connection whose keys still work is a new approval, and its data are that one's.
    """
    db = shopify.services.db
    if held.connection and not await install.uninstalled(shopify.services, held.connection):
        await db.write(_note_kept, held)
        return
    while await db.write(erase_source, held.workspace_id, held.source):
        pass
    while await db.write(inbox.forget_of, held.workspace_id, held.connection_id):
        pass
    await db.write(marks.forget, held.workspace_id, held.connection_id)
    await asyncio.to_thread(scrub, db.url)


def _note_kept(work: Work, held: Held) -> None:
    why = {"kept": "The shop is connected again."}
    audit(work, itself(held.workspace_id), "privacy.shop_kept", held.source, after=why)


def _customer(work: Work, held: Held, payload: Node) -> Any:
    external_id = _external_id(payload)
    if not external_id:
        return None
    return customer_by_external_id(work, held.workspace_id, held.source, external_id)


def _external_id(payload: Node) -> str:
    return number(of(payload.get("customer")).get("id"))


TOPICS: Mapping[str, Callable[[Shopify, Held, Node], Awaitable[None]]] = {
    "customers/data_request": export_asked,
    "customers/redact": customer_redacted,
    "shop/redact": shop_redacted,
}
