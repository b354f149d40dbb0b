"""Orders: saved when Shopify tells of one, read live for whoever looks at one.

Only the record stays here: number, total, status, whose it is. Lines, parcels and the status
page are read when somebody asks and kept for a minute, in memory.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from connectors.shopify.answers import not_found
from connectors.shopify.mapping import Node, gid, nodes, number, of
from connectors.shopify.order_mapping import KIND, Order, to_details, to_order
from connectors.shopify.settings import ShopSettings
from core import records, tombstones
from core.connector import Connection
from core.customers import save_customer
from core.db import Work
from core.discount_ledger import note_redeemed
from core.errors import Invalid, Refused
from core.events import CustomerErased, Logged, RecordChanged, RecordRemoved
from core.ids import moment, now_ms
from core.kept import Kept, Question
from core.records import RecordBatch, save_records
from core.views import OrderDetails, Record

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

MOST = 20  # orders of one customer read at once
HIDDEN = 600.0  # seconds until personal fields are asked for again

Fate = Literal["changed", "same", "older", "tie", "buried"]


# Saving ----------------------------------------------------------------------------------


def save_order(work: Work, connection: Connection, order: Order, *, told: bool = False) -> Fate:
    """Put an order on its buyer's timeline, with what it says of the buyer and of our codes.

    Of two states Shopify dates to the same second nobody can tell the newer one: what was
    `told` by a webhook is then a "tie", not saved, and to be read. What was read is the truth.
    """
    if _is_buried(work, connection, order):
        return "buried"
    workspace_id, source = connection.workspace_id, connection.source
    known = records.find_record(work, workspace_id, source, KIND, order.reference)
    if told and known is not None and _ties(known, order):
        return "tie"
    if order.buyer is not None:
        save_customer(work, workspace_id, source, order.buyer)
    batch = RecordBatch(workspace_id, source, order.customer, [order.record])
    outcome = save_records(work, [batch])[0][0].outcome
    for code, saved in order.codes:
        at = order.record.occurred_at or work.now
        note_redeemed(work, workspace_id, source, code, order.reference, at, saved)
    if outcome == "older":
        return "older"
    return "same" if outcome == "unchanged" else "changed"


def save_orders(work: Work, connection: Connection, orders: Sequence[Order]) -> list[Fate]:
    """The same for many that were read."""
    return [save_order(work, connection, order) for order in orders]


def _is_buried(work: Work, connection: Connection, order: Order) -> bool:
    """Whether it was said before the order, or its buyer, was erased."""
    names = {"customer": order.customer, KIND: order.reference}  # locked in this order
    said = order.record.updated_at or 0
    return any(
        said <= until
        for kind, name in names.items()
        if name
        for until in tombstones.buried_by_now(
            work, connection.workspace_id, connection.source, kind, [name]
        ).values()
    )


def _ties(known: Record, order: Order) -> bool:
    said = order.record
    if said.updated_at is None or known.updated_at != moment(said.updated_at):
        return False
    amount = (known.amount.minor, known.amount.currency) if known.amount else (None, None)
    return (known.status, known.title, amount) != (
        said.status,
        said.title,
        (said.amount, said.currency),
    )


def remove_orders(work: Work, connection: Connection, references: Iterable[str]) -> int:
    """Take deleted orders off the timelines, for good; how many there were."""
    gone = 0
    named = list(references)
    tombstones.bury(work, connection.workspace_id, connection.source, KIND, named)
    for reference in named:
        where = (connection.workspace_id, connection.source, KIND, reference)
        if records.find_record(work, *where) is not None:
            records.remove_record(work, *where)
            gone += 1
    return gone


def read_orders(found: Iterable[Node], connection: Connection) -> list[Order]:
    """What was read, as orders; one that makes no sense is left out."""
    now, orders = now_ms(), []
    for node in found:
        try:
            orders.append(to_order(node, connection.shop, now))
        except Invalid:
            continue
    return orders


# Reading live ----------------------------------------------------------------------------


class Orders:
    """Orders as the shops have them now, or had a minute ago."""

    def __init__(self, shopify: Shopify) -> None:
        self._shopify = shopify
        self._kept = Kept()
        self._hidden: dict[str, float] = {}  # connections whose personal fields are refused
        shopify.services.subscribe(self._hear)

    async def of_customer(
        self, connection: Connection, external_id: str, limit: int
    ) -> list[OrderDetails]:
        """A customer's newest orders."""
        if not external_id or number(external_id) != external_id:
            return []  # a search that Shopify does not understand finds everybody's orders
        limit = max(1, min(limit, MOST))
        question = (connection.id, "customer", external_id, limit)
        if (kept := self._kept.get(question)) is not None:
            return list(kept)
        asked = {"first": limit, "query": f"customer_id:{external_id}"}
        data = await self._ask(connection, "orders_of_customer", asked)
        theirs = [
            node
            for node in nodes(data.get("orders"))
            if number(of(node.get("customer")).get("id")) == external_id
        ]
        return list(await self._take(connection, question, theirs))

    async def one(self, connection: Connection, reference: str) -> OrderDetails:
        """One order; NotFound if the shop has none, or none it may tell us of."""
        if not reference or number(reference) != reference:
            raise not_found("order")
        question = (connection.id, KIND, reference, 1)
        if kept := self._kept.get(question):
            return kept[0]
        data = await self._ask(connection, "order", {"id": gid("Order", reference)})
        node = data.get("order")
        if not isinstance(node, dict):
            raise not_found("order")
        return (await self._take(connection, question, [node]))[0]

    async def _take(
        self, connection: Connection, question: Question, found: list[Node]
    ) -> tuple[OrderDetails, ...]:
        """What was read, kept here for a minute and as records for good."""
        keys = connection.settings
        assert isinstance(keys, ShopSettings)
        may_act = "write_orders" in keys.scopes
        shown = tuple(to_details(node, connection.shop, may_act=may_act) for node in found)
        read = read_orders(found, connection)
        await self._shopify.services.db.write(save_orders, connection, read)
        self._kept.put(question, shown)
        return shown

    async def _ask(
        self, connection: Connection, name: str, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The answer with personal fields, or without where Shopify has not approved them.

        The status page is such a field, and an order without it is no order at all, so that
        hiding the field hides the order.
        """
        api = self._shopify.api
        if self._hidden.get(connection.id, 0) < time.monotonic():
            try:
                data = await api.run(connection, name, variables)
                if not _has_holes(data):
                    return data
            except Refused as error:
                if error.code != "protected_data":
                    raise
            self._hidden[connection.id] = time.monotonic() + HIDDEN
        return await api.run(connection, name, {**variables, "personal": False})

    def forget(self, reference: str, customer: str = "") -> None:
        """Ask the shop again for an order, and for the lists it is in or should be in."""
        self._kept.forget(KIND, reference)
        if customer:
            self._kept.forget("customer", customer)

    def _hear(self, logged: Sequence[Logged]) -> None:
        """A record changed somewhere on the hub: what is kept of it may be wrong."""
        for entry in logged:
            if isinstance(entry.event, RecordChanged):
                self.forget(entry.event.record.reference)
            elif isinstance(entry.event, RecordRemoved):
                self.forget(entry.event.reference)
            elif isinstance(entry.event, CustomerErased):
                self._kept = Kept()


def _has_holes(data: Mapping[str, Any]) -> bool:
    """Whether Shopify left out whole orders because of a field it may not show."""
    listed = of(data.get("orders")).get("nodes")
    return isinstance(listed, list) and any(node is None for node in listed)
