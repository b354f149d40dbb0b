"""Orders: saved when the shop tells of one, read live for whoever looks at one.

Only the record stays here: number, total, status, whose it is. Lines and the rest are read when
somebody asks and kept for a minute, in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from connectors.woocommerce import codes
from connectors.woocommerce.mapping import Node, number
from connectors.woocommerce.marking import mark
from connectors.woocommerce.order_mapping import KIND, Order, is_order, to_details, to_order
from connectors.woocommerce.slim import ORDER_IN_DETAIL, fields
from core import records, tombstones
from core.connector import Connection
from core.customers import customer_by_external_id
from core.db import Work
from core.discount_ledger import note_redeemed
from core.errors import Invalid, NotFound
from core.events import CustomerErased, Logged, RecordChanged, RecordRemoved
from core.ids import moment, now_ms, to_ms
from core.kept import Kept, Question
from core.records import RecordBatch, save_records
from core.views import OrderDetails, Record

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

MOST = 20  # orders of one customer read at once
CUSTOMER: Literal["customer"] = "customer"

Fate = Literal["changed", "same", "older", "doubtful", "buried"]


# Saving ----------------------------------------------------------------------------------


def save_order(work: Work, connection: Connection, order: Order, *, told: bool = False) -> Fate:
    """Put an order on its buyer's timeline, with what it says of our codes.

    Of two states of the same second nobody can tell the newer one, and what comes after the
    order went to the trash may be late or may mean that it is back. If a webhook `told` so, it
    is "doubtful", not saved, and to be read. What was read is the truth.
    """
    workspace_id, source = connection.workspace_id, connection.source
    until = _buried(work, connection, order)
    known = records.find_record(work, workspace_id, source, KIND, order.reference)
    if told and (until is not None or (known is not None and _ties(known, order))):
        return "doubtful"
    if until is not None and (order.record.updated_at or 0) <= until:
        return "buried"
    batch = RecordBatch(workspace_id, source, order.customer, [order.record])
    outcome = save_records(work, [batch])[0][0].outcome
    for code, saved in order.codes:
        at = order.record.occurred_at or work.now
        note_redeemed(work, workspace_id, source, code, order.reference, at, saved)
    _have_buyer_read(work, connection, order)
    if outcome == "older":
        return "older"
    if outcome == "unchanged":
        return "same"
    codes.count_again(work, connection, [used.code for used in order.codes])
    return "changed"


def save_orders(work: Work, connection: Connection, orders: Sequence[Order]) -> list[Fate]:
    """The same for many that were read."""
    return [save_order(work, connection, order) for order in orders]


def _have_buyer_read(work: Work, connection: Connection, order: Order) -> None:
    """What an order says of its buyer was typed at the till; the account is read instead."""
    where = (connection.workspace_id, connection.source)
    buyer = customer_by_external_id(work, *where, order.customer) if order.customer else None
    if buyer is not None and not buyer.profile:
        mark(work, connection, CUSTOMER, [order.customer])


def _buried(work: Work, connection: Connection, order: Order) -> int | None:
    """Until when what is said of the order, or of its buyer, is out of date; None: it is not."""
    where = (connection.workspace_id, connection.source)
    names = {CUSTOMER: order.customer, KIND: order.reference}  # locked in this order
    found = [
        until
        for kind, name in names.items()
        if name
        for until in tombstones.buried_by_now(work, *where, kind, [name]).values()
    ]
    return max(found, default=None)


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


def remove_orders(work: Work, connection: Connection, references: Iterable[str]) -> list[str]:
    """Take orders in the trash, or gone from it, off the timelines; those that were there.

    Their graves close at the last we heard of them, by the shop's clock.
    """
    gone, where = [], (connection.workspace_id, connection.source)
    for reference in references:
        known = records.find_record(work, *where, KIND, reference)
        until = to_ms(known.updated_at) - 1 if known is not None else 0
        tombstones.bury(work, *where, KIND, [reference], until)
        if known is not None:
            records.remove_record(work, *where, KIND, reference)
            gone.append(reference)
    return gone


def read_orders(found: Iterable[Node], connection: Connection) -> list[Order]:
    """What was read, as orders; what is none, or makes no sense, is left out."""
    now, orders = now_ms(), []
    for node in found:
        try:
            order = to_order(node, admin_of(connection), now)
        except Invalid:
            continue
        if order is not None:
            orders.append(order)
    return orders


def admin_of(connection: Connection) -> str:
    """Where the shop's admin pages are."""
    return str(connection.details.get("admin_url") or "")


# Reading live ----------------------------------------------------------------------------


class Orders:
    """Orders as the shops have them now, or had a minute ago."""

    def __init__(self, shop: WooCommerce) -> None:
        self._shop = shop
        self._kept = Kept()
        shop.services.subscribe(self._hear)

    async def of_customer(
        self, connection: Connection, external_id: str, limit: int
    ) -> list[OrderDetails]:
        """A customer's newest orders, by the id of their account; an address proves nobody."""
        if not external_id or number(external_id) != external_id:
            return []  # customer=0 finds every guest's
        limit = max(1, min(limit, MOST))
        question = (connection.id, CUSTOMER, external_id, limit)
        if (kept := self._kept.get(question)) is not None:
            return list(kept)
        asked = {
            "customer": external_id,
            "per_page": str(limit),
            "orderby": "date",
            "order": "desc",
            "_fields": fields(ORDER_IN_DETAIL),
        }
        page = await self._shop.api.get(connection, "orders", asked)
        theirs = [node for node in page.items if number(node.get("customer_id")) == external_id]
        return list(await self._take(connection, question, theirs))

    async def one(self, connection: Connection, reference: str) -> OrderDetails:
        """One order; NotFound if the shop has none, or only a draft, or has it in the trash."""
        if not reference or number(reference) != reference:
            raise _no_order()
        question = (connection.id, KIND, reference, 1)
        if kept := self._kept.get(question):
            return kept[0]
        asked = {"_fields": fields(ORDER_IN_DETAIL)}
        page = await self._shop.api.get(connection, f"orders/{reference}", asked)
        found = [node for node in page.items if number(node.get("id")) == reference]
        if not (taken := await self._take(connection, question, found)):
            raise _no_order()
        return taken[0]

    async def _take(
        self, connection: Connection, question: Question, found: list[Node]
    ) -> tuple[OrderDetails, ...]:
        """What was read, kept here for a minute and as records for good."""
        real = [node for node in found if is_order(node)]
        shown = tuple(to_details(node, admin_of(connection)) for node in real)
        orders = read_orders(real, connection)
        await self._shop.services.db.write(save_orders, connection, orders)
        self._kept.put(question, shown)
        return shown

    def forget(self, reference: str, customer: str = "") -> None:
        """Ask the shop again for an order, and for the lists it is in or should be in."""
        self._kept.forget(KIND, reference)
        if customer:
            self._kept.forget(CUSTOMER, customer)

    def _hear(self, logged: Sequence[Logged]) -> None:
        """A record changed somewhere on the hub: what is kept of it may be wrong."""
        for entry in logged:
            if isinstance(entry.event, RecordChanged):
                self.forget(entry.event.record.reference)
            elif isinstance(entry.event, RecordRemoved):
                self.forget(entry.event.reference)
            elif isinstance(entry.event, CustomerErased):
                self._kept = Kept()


def _no_order() -> NotFound:
    return NotFound("The shop has no such order.")
